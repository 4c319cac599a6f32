import type { CertificateSource, CertificateState } from '../../observe/certificate.ts'
import { issuerTitleOf, readChain, titleOf } from './chain.ts'
import { day } from './finding.ts'
import { namesOf } from './names.ts'

export interface Shown {
  /** A certificate, followed by its chain, that has been read before. */
  readonly cert: string
  readonly source: CertificateSource
  readonly lastRefusal?: CertificateState['lastRefusal']
  readonly now: Date
}

export function stateOf({ cert, source, lastRefusal, now }: Shown): CertificateState {
  const [leaf] = readChain(cert) ?? []
  if (!leaf) throw new Error('no certificate is shown')
  const daysLeft = daysBetween(now, leaf.validToDate)
  return {
    subject: titleOf(leaf),
    names: namesOf(leaf),
    issuer: issuerTitleOf(leaf),
    notAfter: leaf.validToDate.toISOString(),
    daysLeft,
    endsSoon: daysLeft < soon,
    source,
    ...(lastRefusal && { lastRefusal }),
  }
}

/** From so many days on the end is near. Whoever renews by themselves do so 30 days before it. */
const soon = 21
const soonForAuthority = 365

/** What is to be said each day, as the end comes nearer. */
export function endingSoon(cert: string, source: CertificateSource, now: Date): string[] {
  const [leaf, authority] = readChain(cert) ?? []
  if (!leaf) return []
  const left = daysBetween(now, leaf.validToDate)
  const when = left < 0 ? `ended on ${day(leaf.validToDate)}` : `ends on ${day(leaf.validToDate)}, in ${days(left)}`
  const said = left < soon ? [`the certificate ${when}; renew it`] : []
  if (source === 'files' || !authority) return said
  const leftForAuthority = daysBetween(now, authority.validToDate)
  if (leftForAuthority >= soonForAuthority) return said
  return [
    `the local CA ends on ${day(authority.validToDate)}, in ${days(leftForAuthority)}; remove ca.pem and ca-key.pem before that, start anew, and have clients trust the new one`,
  ]
}

function daysBetween(from: Date, to: Date): number {
  return Math.floor((to.getTime() - from.getTime()) / (24 * 3_600_000))
}

function days(count: number): string {
  return count === 1 ? '1 day' : `${count} days`
}
