import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { days } from '../../gateway/config/units.ts'
import { newKey } from '../../gateway/control/certificates/identity.ts'
import { readIfThere, writeWhole } from '../host/files.ts'
import { Trouble } from '../local/trouble.ts'
import { TLS } from './machine.ts'
import { type PAIRS, type Pair, type PairPaths, pathsOf } from './pairs.ts'
import type { Step } from './settle.ts'

// What a certificate holds is the gateway's own `issue.ts`. It takes 300 ms to load, so it is imported where one is made.

/** Among machines, where no browser looks: as long as the CA, which none outlives. */
const LONG_DAYS = 3652
/** So long before its end a certificate is made anew by the next `pyli manager`. */
const RENEWED_BEFORE = days(60)

export interface CertificateNames {
  /** Under which people open the gateway. */
  readonly gateway: readonly string[]
  readonly registry: readonly string[]
}

/** As `issueLeaf` is told of a certificate; browsers' number of days unless given. */
interface Order {
  readonly use: 'server' | 'client'
  readonly title: string
  readonly names: readonly string[]
  readonly days?: number
}

/** On the first machine: the CA, and what it signs. The CA is never made anew by itself, as people have trusted it. */
export function certificates(names: CertificateNames, host: string, now: () => Date, folder = TLS): Step[] {
  const at = (name: keyof typeof PAIRS) => pathsOf(name, folder)
  const orders: Record<Exclude<keyof typeof PAIRS, 'ca'>, Order> = {
    gateway: { use: 'server', title: names.gateway[0] ?? host, names: names.gateway },
    registry: { use: 'server', title: 'Pyli registry', names: names.registry, days: LONG_DAYS },
    engine: { use: 'client', title: 'Pyli engine', names: [], days: LONG_DAYS },
  }
  return [
    authority(at('ca'), host, now),
    ...Object.entries(orders).map(([name, order]) => leaf(at('ca'), at(name as keyof typeof orders), order, now)),
  ]
}

function authority(paths: PairPaths, host: string, now: () => Date): Step {
  return {
    title: "the cluster's CA",
    async look() {
      const [cert, key] = await Promise.all([readIfThere(paths.cert), readIfThere(paths.key)])
      // The key is written first, so a certificate alone is no run that ended in between.
      if (cert === undefined) return 'there is none yet'
      if (key === undefined || !fits(cert, key)) {
        throw new Trouble(
          `${paths.key} is not the key of ${paths.cert}: bring it back or remove both, and trust the CA that is then made.`,
        )
      }
      if (new X509Certificate(cert).validToDate < now()) {
        throw new Trouble(`${paths.cert} has ended: remove it and ${paths.key}, and trust the CA that is then made.`)
      }
      return undefined
    },
    async change() {
      const { issueAuthority } = await import('../../gateway/control/certificates/issue.ts')
      const key = newKey()
      await keep(paths, { cert: await issueAuthority({ kind: 'cluster', host, key, now: now() }), key })
    },
  }
}

function leaf(ca: PairPaths, paths: PairPaths, order: Order, now: () => Date): Step {
  return {
    title: `a certificate for ${order.title}`,
    async look() {
      const [issuer, cert, key] = await Promise.all([ca.cert, paths.cert, paths.key].map(readIfThere))
      if (issuer === undefined || cert === undefined || key === undefined) return 'there is none yet'
      return shortcoming({ cert, key }, issuer, order.names, now())
    },
    async change() {
      const { issueLeaf } = await import('../../gateway/control/certificates/issue.ts')
      const authority = { cert: (await readIfThere(ca.cert)) ?? '', key: (await readIfThere(ca.key)) ?? '' }
      const key = newKey()
      await keep(paths, { cert: await issueLeaf({ ...order, authority, key, now: now() }), key })
    },
  }
}

/** Undefined where the certificate will do. */
function shortcoming({ cert, key }: Pair, issuer: string, names: readonly string[], now: Date): string | undefined {
  const [certificate, authority] = [new X509Certificate(cert), new X509Certificate(issuer)]
  if (!fits(cert, key)) return 'its key does not fit'
  if (!certificate.verify(authority.publicKey)) return "it is not signed by the cluster's CA"
  const end = certificate.validToDate
  // None ends later than the CA: where this one ends with it, another would be no better.
  if (end < authority.validToDate && end.getTime() - now.getTime() < RENEWED_BEFORE) {
    return `it ends on ${end.toISOString().slice(0, 10)}`
  }
  const missing = names.find((name) => !covers(certificate, name))
  return missing === undefined ? undefined : `it does not cover ${missing}`
}

function covers(certificate: X509Certificate, name: string): boolean {
  if (isIP(name)) return certificate.checkIP(name) !== undefined
  return certificate.subjectAltName?.split(', ').includes(`DNS:${name}`) === true
}

function fits(cert: string, key: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}

async function keep(paths: PairPaths, { cert, key }: Pair): Promise<void> {
  await writeWhole(paths.key, key, 0o600)
  await writeWhole(paths.cert, cert, 0o644)
}
