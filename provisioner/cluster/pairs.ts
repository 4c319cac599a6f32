import { join } from 'node:path'
import { readIfThere } from '../host/files.ts'
import { Trouble } from '../local/trouble.ts'
import { ETC, TLS } from './machine.ts'

/** A certificate and its key, both in PEM. */
export interface Pair {
  readonly cert: string
  readonly key: string
}

/** Where they are. */
export interface PairPaths {
  readonly cert: string
  readonly key: string
}

export const pathsOf = (name: string, folder = TLS): PairPaths => ({
  cert: join(folder, `${name}.pem`),
  key: join(folder, `${name}-key.pem`),
})

/** What the cluster's CA signs. */
export const PAIRS = {
  ca: pathsOf('ca'),
  /** Whom people's browsers meet. */
  gateway: pathsOf('gateway'),
  registry: pathsOf('registry'),
  /** What every node's engine shows the registry. */
  engine: pathsOf('engine'),
} as const

/** An operator's own, which the gateway shows instead of ours where both files are there; with its chain. */
export const OWN_PAIR: PairPaths = { cert: join(ETC, 'cert.pem'), key: join(ETC, 'key.pem') }

/** The operator's own, where there is one. Throws Trouble where half of it is. */
export async function ownPair(paths = OWN_PAIR): Promise<Pair | undefined> {
  const [cert, key] = await Promise.all([paths.cert, paths.key].map(readIfThere))
  if (cert !== undefined && key !== undefined) return { cert, key }
  if (cert === undefined && key === undefined) return undefined
  const [there, missing] = key === undefined ? [paths.cert, paths.key] : [paths.key, paths.cert]
  throw new Trouble(`${there} is there without ${missing}: put both there, or none for the cluster's own certificate.`)
}
