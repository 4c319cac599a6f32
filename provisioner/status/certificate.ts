import { X509Certificate } from 'node:crypto'
import { PAIRS } from '../cluster/pairs.ts'
import { readIfThere } from '../host/files.ts'

export interface CertificateState {
  readonly names: readonly string[]
  /** ISO 8601. */
  readonly ends: string
  /** Whole ones; negative once it has ended. */
  readonly daysLeft: number
}

const DAY = 86_400_000

export function certificateState(pem: string, now: number): CertificateState {
  const { subjectAltName = '', validTo } = new X509Certificate(pem)
  const ends = new Date(validTo)
  return {
    names: subjectAltName.split(', ').flatMap((name) => name.split(':').slice(1).join(':') || []),
    ends: ends.toISOString(),
    daysLeft: Math.floor((ends.getTime() - now) / DAY),
  }
}

export type PairName = keyof typeof PAIRS

/** Of a certificate of the first machine; undefined where there is none. */
export async function certificateHere(name: PairName, now: number): Promise<CertificateState | undefined> {
  const pem = await readIfThere(PAIRS[name].cert)
  return pem === undefined ? undefined : certificateState(pem, now)
}
