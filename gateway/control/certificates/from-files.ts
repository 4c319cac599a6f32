import { createSecureContext } from 'node:tls'
import { readIfThere } from './files.ts'
import { CertificateError, type Identity, readCertificate, readKey } from './identity.ts'

export interface FromFilesOptions {
  readonly cert: string
  readonly key: string
  readonly now: Date
}

/** A certificate and key that somebody else made. Whatever would fail the first handshake fails here. */
export async function fromFiles({ cert: certPath, key: keyPath, now }: FromFilesOptions): Promise<Identity> {
  const cert = await read(certPath, '--tls-cert')
  const key = await read(keyPath, '--tls-key')
  const certificate = readCertificate(
    cert,
    certPath,
    'give --tls-cert a file that begins with -----BEGIN CERTIFICATE-----',
  )
  const privateKey = readKey(key, keyPath, 'give --tls-key an unencrypted private key in PEM')

  if (!certificate.checkPrivateKey(privateKey)) {
    throw new CertificateError(
      `${keyPath} is not the key of the first certificate in ${certPath}; the server's own must stand before its chain`,
    )
  }
  if (certificate.validToDate < now) {
    throw new CertificateError(`${certPath} was valid until ${day(certificate.validToDate)}; renew it`)
  }
  if (certificate.validFromDate > now) {
    throw new CertificateError(
      `${certPath} is valid from ${day(certificate.validFromDate)} on only; check this machine's clock`,
    )
  }
  try {
    // Reads the whole chain, and refuses keys that are too weak for today.
    createSecureContext({ cert, key })
  } catch (error) {
    throw new CertificateError(`${certPath} cannot be used with ${keyPath}: ${(error as Error).message}`)
  }
  return { cert, key }
}

async function read(path: string, flag: string): Promise<string> {
  const text = await readIfThere(path)
  if (text === undefined) throw new CertificateError(`${path} does not exist; give ${flag} the file's right path`)
  return text
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}
