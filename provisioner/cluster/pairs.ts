import { join } from 'node:path'
import { ETC, TLS } from './machine.ts'

/** Where a certificate and its key are, both in PEM. */
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
