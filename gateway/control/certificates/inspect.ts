import { createPrivateKey, type X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { createSecureContext } from 'node:tls'
import { checkChain, readChain } from './chain.ts'
import { bad, day, doubtful, type Finding, unfinished } from './finding.ts'
import { CertificateError, type Identity, readKey } from './identity.ts'
import { namesOf } from './names.ts'
import { checkStrength } from './strength.ts'

/** A certificate and its key as they were read, and where. */
export interface Pair extends Identity {
  readonly certPath: string
  readonly keyPath: string
}

export interface Expectations {
  readonly now: Date
  /** Names of --allow-host; `*.` in front is any one label. */
  readonly hosts: readonly string[]
  /** The certificates that clients are known to trust. */
  readonly roots?: () => readonly X509Certificate[]
}

/** All that is wrong with a certificate that somebody else made. The gravest comes first; what cannot be read ends it. */
export function inspect(pair: Pair, { now, hosts, roots }: Expectations): Finding[] {
  const { cert, certPath: path } = pair
  const chain = readChain(cert)
  const [leaf] = chain ?? []
  if (!chain || !leaf) {
    const what = cert.includes('-----BEGIN CERTIFICATE-----')
      ? 'holds a certificate that is cut off or broken; write it again'
      : 'holds no certificate in PEM; give --tls-cert a file that begins with -----BEGIN CERTIFICATE-----'
    return [unfinished(`${path} ${what}`)]
  }
  const misfit = checkKey(pair, chain)
  if (misfit) return [misfit]
  const findings = [
    ...checkTime(leaf, path, now),
    ...checkStrength(chain, path),
    ...checkUse(leaf, path),
    ...checkNames(leaf, path, hosts),
    ...checkChain(chain, { path, now, ...(roots && { roots }) }),
  ].sort((a, b) => Number(b.gravity === 'bad') - Number(a.gravity === 'bad'))
  return findings.some(({ gravity }) => gravity === 'bad') ? findings : [...checkUsable(pair), ...findings]
}

function checkKey({ key, certPath, keyPath }: Pair, chain: readonly X509Certificate[]): Finding | undefined {
  try {
    readKey(key, keyPath, 'give --tls-key an unencrypted private key in PEM')
  } catch (error) {
    if (error instanceof CertificateError) return unfinished(error.message)
    throw error
  }
  const privateKey = createPrivateKey(key)
  const own = chain.findIndex((certificate) => certificate.checkPrivateKey(privateKey))
  if (own === 0) return undefined
  const advice = own > 0 ? "; the server's own must stand before its chain" : ''
  return unfinished(`${keyPath} is not the key of the first certificate in ${certPath}${advice}`)
}

/** Apple's devices take no longer one, whoever signed it. */
const longestLife = 825

function checkTime({ validFromDate, validToDate }: X509Certificate, path: string, now: Date): Finding[] {
  if (validToDate < now) return [bad(`${path} was valid until ${day(validToDate)}; renew it`)]
  if (validFromDate > now) {
    return [bad(`${path} is valid from ${day(validFromDate)} on only; check this machine's clock`)]
  }
  const life = Math.floor((validToDate.getTime() - validFromDate.getTime()) / 86_400_000)
  if (life <= longestLife) return []
  return [doubtful(`${path} is for ${life} days, and Apple's devices take no certificate for more than ${longestLife}`)]
}

const serverAuth = '1.3.6.1.5.5.7.3.1'
const anyUse = '2.5.29.37.0'

function checkUse({ ca, keyUsage }: X509Certificate, path: string): Finding[] {
  const uses = keyUsage as readonly string[] | undefined // absent: it is for everything
  return [
    ...(uses && !uses.includes(serverAuth) && !uses.includes(anyUse)
      ? [bad(`${path} is not for servers: its extended key usage lacks serverAuth; have it issued for TLS servers`)]
      : []),
    ...(ca ? [doubtful(`${path} is the certificate of a CA, which Firefox takes for no server's`)] : []),
  ]
}

function checkNames(leaf: X509Certificate, path: string, hosts: readonly string[]): Finding[] {
  const names = namesOf(leaf)
  if (names.length === 0) {
    return [bad(`${path} has no subject alternative name, and browsers read no other; have it issued with one`)]
  }
  const others = uncovered(leaf, hosts)
  if (others.length === 0) return []
  return [doubtful(`${path} does not cover ${others.join(' and ')} of --allow-host; it covers ${names.join(', ')}`)]
}

/** Those of the names that browsers would warn of. */
export function uncovered(leaf: X509Certificate, hosts: readonly string[]): string[] {
  return hosts.filter((host) => {
    if (isIP(host)) return leaf.checkIP(host) === undefined
    // Covered as a whole, or not: any label stands for all.
    return leaf.checkHost(host.replace(/^\*\./, 'any-label.'), { subject: 'never' }) === undefined
  })
}

/** Last, as OpenSSL's words are for those who wrote it. */
function checkUsable({ cert, key, certPath, keyPath }: Pair): Finding[] {
  try {
    createSecureContext({ cert, key })
    return []
  } catch (error) {
    return [bad(`${certPath} cannot be used with ${keyPath}: ${(error as Error).message}`)]
  }
}
