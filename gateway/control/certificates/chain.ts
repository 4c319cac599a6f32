import { X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import { bad, day, doubtful, type Finding } from './finding.ts'

/** All certificates of a PEM text in their order. Undefined if one of them is cut off or is none. */
export function readChain(pem: string): readonly X509Certificate[] | undefined {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  const rest = pem.replace(/-----BEGIN ([^-]+)-----[^-]*-----END \1-----/g, '')
  if (blocks.length === 0 || rest.includes('---')) return undefined
  try {
    return blocks.map((block) => new X509Certificate(block))
  } catch {
    return undefined
  }
}

/** How people call it: its common name, or all of its subject. */
export function titleOf({ subject }: X509Certificate): string {
  return titleIn(subject)
}

export function issuerTitleOf({ issuer }: X509Certificate): string {
  return titleIn(issuer)
}

/** Some have no subject at all, only alternative names. */
function titleIn(name: string | undefined): string {
  return /^CN=(.*)$/m.exec(name ?? '')?.[1] ?? (name ? name.replaceAll('\n', ', ') : 'without a name')
}

export interface ChainOptions {
  readonly path: string
  readonly now: Date
  /** The certificates that clients are known to trust. */
  readonly roots?: () => readonly X509Certificate[]
}

/**
 * Whether a client that trusts the right root finds its way there. Browsers sort what they are sent and leave out what
 * they do not need; programs in other languages often do not, and nobody guesses what is missing.
 */
export function checkChain(
  chain: readonly X509Certificate[],
  { path, now, roots = knownRoots }: ChainOptions,
): Finding[] {
  const [leaf, ...rest] = chain
  if (!leaf) return []
  if (isIssuedBy(leaf, leaf)) {
    return [doubtful(`${path} is signed by itself, so every client must be told to trust it`), ...needless(rest, path)]
  }
  const way = wayUp(leaf, rest)
  const last = way.at(-1) as X509Certificate
  const extra = rest.filter((certificate) => !way.includes(certificate))
  const isWhole = isSelfSigned(last) || roots().some((root) => isIssuedBy(last, root))
  return [
    ...way.slice(1).flatMap((certificate) => checkIntermediate(certificate, { path, now, roots })),
    ...(isWhole ? [] : [missing(last, { path, alone: rest.length === 0, strangers: extra.length > 0 })]),
    ...needless(isWhole || extra.length === 0 ? extra : [], path),
    ...(isInOrder(way, rest)
      ? []
      : [
          doubtful(
            `the certificates in ${path} are out of order; each must be followed by the one that signed it: ${way.map(titleOf).join(', then ')}`,
          ),
        ]),
    // One of an operator's own tells whose the certificate is, and without it that would be doubtful.
    ...(way.length > 1 && isSelfSigned(last) && isAmong(roots(), last)
      ? [doubtful(`${path} ends with the root ${titleOf(last)}, which clients have; leave it out`)]
      : []),
  ]
}

/** From the leaf to where nobody in the file has signed the last one. */
function wayUp(leaf: X509Certificate, rest: readonly X509Certificate[]): X509Certificate[] {
  const way = [leaf]
  for (;;) {
    const last = way.at(-1) as X509Certificate
    const next = rest.find((certificate) => !way.includes(certificate) && isIssuedBy(last, certificate))
    if (!next || isSelfSigned(last)) return way
    way.push(next)
  }
}

/** What stands between them does not matter here; needless() tells of that. */
function isInOrder(way: readonly X509Certificate[], rest: readonly X509Certificate[]): boolean {
  const places = way.slice(1).map((certificate) => rest.indexOf(certificate))
  return places.every((place, i) => i === 0 || place > (places[i - 1] as number))
}

function checkIntermediate(certificate: X509Certificate, { path, now, roots = knownRoots }: ChainOptions): Finding[] {
  const title = titleOf(certificate)
  if (!certificate.ca) return [bad(`${title} in ${path} is not the certificate of a CA, and may sign no others`)]
  if (certificate.validFromDate > now)
    return [bad(`${title} in ${path} is valid from ${day(certificate.validFromDate)} on only`)]
  if (certificate.validToDate >= now) return []
  const text = `${title} in ${path} was valid until ${day(certificate.validToDate)}`
  // A root is looked for among the client's own, whatever is sent. One that is old enough to be trusted by itself also
  // goes about signed by an even older one, which has ended.
  return [
    isAmong(roots(), certificate) || isSelfSigned(certificate)
      ? doubtful(`${text}; leave it out`)
      : bad(`${text}; take the chain that its CA gives out today`),
  ]
}

/**
 * With a private CA a leaf alone is right, and nothing in it tells which CA is private. But whoever gives further
 * certificates means a chain.
 */
function missing(
  last: X509Certificate,
  { path, alone, strangers }: { path: string; alone: boolean; strangers: boolean },
): Finding {
  const text = `${path} lacks ${issuerTitleOf(last)}, which signed ${titleOf(last)}`
  if (strangers) return bad(`${text}; what stands there instead has signed nothing in it`)
  const who = alone ? 'clients that do not trust it directly' : 'clients that do not trust it'
  return doubtful(`${text}: ${who} refuse the certificate`)
}

function needless(certificates: readonly X509Certificate[], path: string): Finding[] {
  if (certificates.length === 0) return []
  return [doubtful(`${path} holds ${certificates.map(titleOf).join(' and ')}, which the certificate does not need`)]
}

/** Itself, or with another time. */
function isAmong(roots: readonly X509Certificate[], { subject, publicKey }: X509Certificate): boolean {
  return roots.some((root) => root.subject === subject && root.publicKey.equals(publicKey))
}

function isSelfSigned(certificate: X509Certificate): boolean {
  return isIssuedBy(certificate, certificate)
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.issuer === issuer.subject && certificate.verify(issuer.publicKey)
}

let parsed: readonly X509Certificate[] | undefined

/** Those that this Node knows, as an example of what clients do. */
function knownRoots(): readonly X509Certificate[] {
  parsed ??= rootCertificates.map((pem) => new X509Certificate(pem))
  return parsed
}
