// First, as @peculiar/x509 does not load without it.
import 'reflect-metadata'

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

// This file takes 300 ms to load and is needed only when something must be made: import it then.

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const hour = 3_600_000
const day = 24 * hour
/** A machine whose clock is behind ours must not find the certificate not yet valid. */
const backdated = hour
const authorityDays = 3652

/** PEM, both. */
export interface Pair {
  readonly cert: string
  readonly key: string
}

/** What a certificate is shown as: a server's or a client's. */
export type Use = 'server' | 'client'

export interface LeafOrder {
  readonly use: Use
  /** Its title. */
  readonly title: string
  /** Host names and IP addresses of a server; a client has none. */
  readonly names: readonly string[]
  readonly days: number
}

/** A CA that may sign these and no further CAs. */
export async function issueAuthority(title: string, now: Date): Promise<Pair> {
  const key = newKey()
  const keys = webKeys(key)
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: commonName(title),
    keys,
    signingAlgorithm: algorithm,
    ...validity(now, authorityDays),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { cert: pem(certificate), key }
}

/** It ends no later than the CA. */
export async function issueLeaf(authority: Pair, { use, title, names, days }: LeafOrder, now: Date): Promise<Pair> {
  const key = newKey()
  const keys = webKeys(key)
  const issuer = new X509Certificate(authority.cert)
  const { notBefore, notAfter } = validity(now, days)
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([use === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth]),
    ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names.map(alternativeName))] : []),
    await SubjectKeyIdentifierExtension.create(keys.publicKey),
    await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
  ]
  const certificate = await X509CertificateGenerator.create({
    subject: commonName(title),
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: webKeys(authority.key).privateKey,
    signingAlgorithm: algorithm,
    notBefore,
    notAfter: notAfter < issuer.notAfter ? notAfter : issuer.notAfter,
    extensions,
  })
  return { cert: pem(certificate), key }
}

const newKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

const alternativeName = (name: string) => ({ type: isIP(name) ? 'ip' : 'dns', value: name }) as const

/** X.509 allows a common name 64 characters. */
const commonName = (text: string) => [{ CN: [text.slice(0, 64)] }]

function validity(now: Date, days: number): { notBefore: Date; notAfter: Date } {
  const notBefore = new Date(now.getTime() - backdated)
  return { notBefore, notAfter: new Date(notBefore.getTime() + days * day) }
}

function webKeys(key: string): CryptoKeyPair {
  const privateKey = createPrivateKey(key)
  return { privateKey: webKey(privateKey, 'sign'), publicKey: webKey(createPublicKey(privateKey), 'verify') }
}

/** A public key must be extractable, as its bytes become part of the certificate. */
const webKey = (key: KeyObject, usage: 'sign' | 'verify'): CryptoKey =>
  key.toCryptoKey(algorithm, usage === 'verify', [usage]) as CryptoKey

const pem = (certificate: X509Certificate): string => `${certificate.toString('pem')}\n`
