import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import { FileError } from '../files.ts'

/** What a server proves who it is with, both in PEM: a certificate, followed by its chain, and the key of the first. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

/** The file can be read, and what it holds cannot serve. */
export class CertificateError extends FileError {
  override readonly name = 'CertificateError'
}

/** The first certificate of the text. `advice` ends the sentence if there is none. */
export function readCertificate(pem: string, path: string, advice: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw new CertificateError(`${path} holds no certificate in PEM; ${advice}`)
  }
}

export function readKey(pem: string, path: string, advice: string): KeyObject {
  // Both forms say so in clear, whereas the error that OpenSSL gives depends on the form and the version.
  if (/\bENCRYPTED\b/.test(pem)) {
    throw new CertificateError(`${path} asks for a passphrase, which nobody could type at a restart; ${advice}`)
  }
  try {
    return createPrivateKey(pem)
  } catch {
    throw new CertificateError(`${path} holds no private key in PEM; ${advice}`)
  }
}

/** A key that newKey made: those of other kinds would need another way of signing. */
export function readOwnKey(pem: string, path: string, advice: string): KeyObject {
  const key = readKey(pem, path, advice)
  if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key
  throw new CertificateError(`${path} holds a private key of another kind than P-256; ${advice}`)
}

/** A new P-256 key in PEM: a handshake costs a fraction of what it does with RSA, and every browser takes it. */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  return privateKey
}
