import type { X509Certificate } from 'node:crypto'
import { titleOf } from './chain.ts'
import { bad, type Finding } from './finding.ts'

const leastRsaBits = 2048
const curves: readonly string[] = ['prime256v1', 'secp384r1']
const wanted = 'browsers take RSA from 2048 bits on, P-256 and P-384'

/** Whether browsers find keys and signatures strong enough. What signed a root does not matter: it is believed as it is. */
export function checkStrength(chain: readonly X509Certificate[], path: string): Finding[] {
  return chain.flatMap((certificate) => {
    const weak = weakKey(certificate) ?? (isRoot(certificate) ? undefined : weakSignature(certificate))
    return weak === undefined ? [] : [bad(`${titleOf(certificate)} in ${path} ${weak}`)]
  })
}

function weakKey({ publicKey: { asymmetricKeyType, asymmetricKeyDetails } }: X509Certificate): string | undefined {
  switch (asymmetricKeyType) {
    case 'rsa': {
      const bits = asymmetricKeyDetails?.modulusLength ?? 0
      return bits < leastRsaBits ? `has an RSA key of ${bits} bits; ${wanted}` : undefined
    }
    case 'ec': {
      const curve = asymmetricKeyDetails?.namedCurve ?? 'unknown'
      return curves.includes(curve) ? undefined : `has a key on the curve ${curve}; ${wanted}`
    }
    default:
      return `has a key of the kind ${asymmetricKeyType}; ${wanted}`
  }
}

function weakSignature({ signatureAlgorithm = '' }: X509Certificate): string | undefined {
  const [hash] = /md[245]|sha-?1(?!\d)/i.exec(signatureAlgorithm) ?? []
  return hash === undefined ? undefined : `is signed with ${hash.toUpperCase()}, which can be forged`
}

function isRoot(certificate: X509Certificate): boolean {
  return certificate.ca && certificate.subject === certificate.issuer
}
