import { X509Certificate } from 'node:crypto'
import { namesOf } from '../../gateway/control/certificates/names.ts'
import { OWN_PAIR, ownPair, PAIRS, type PairPaths } from '../cluster/pairs.ts'
import { readIfThere } from '../host/files.ts'

export interface CertificateState {
  readonly names: readonly string[]
  /** ISO 8601. */
  readonly ends: string
  /** Whole ones; negative once it has ended. */
  readonly daysLeft: number
  /** The operator brought it, and renews it. */
  readonly isOwn?: true
}

const DAY = 86_400_000

export function certificateState(pem: string, now: number): CertificateState {
  const certificate = new X509Certificate(pem)
  const ends = new Date(certificate.validTo)
  return {
    names: namesOf(certificate),
    ends: ends.toISOString(),
    daysLeft: Math.floor((ends.getTime() - now) / DAY),
  }
}

export type PairName = keyof typeof PAIRS

/** Of a certificate of the first machine; undefined where there is none. The gateway may show an operator's own. */
export async function certificateHere(
  name: PairName,
  now: number,
  { pairs, own }: Places = { pairs: PAIRS, own: OWN_PAIR },
): Promise<CertificateState | undefined> {
  const theirs = name === 'gateway' ? await ownPair(own) : undefined
  if (theirs !== undefined) return { ...certificateState(theirs.cert, now), isOwn: true }
  const pem = await readIfThere(pairs[name].cert)
  return pem === undefined ? undefined : certificateState(pem, now)
}

interface Places {
  readonly pairs: { readonly [Name in PairName]: PairPaths }
  readonly own: PairPaths
}
