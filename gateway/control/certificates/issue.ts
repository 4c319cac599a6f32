// First, as @peculiar/x509 does not load without it.
import 'reflect-metadata'

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
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

/** Browsers refuse server certificates that are valid for more than 398 days. */
export const browsersDays = 397
const authorityDays = 3652
/** A client whose clock is behind ours must not find the certificate not yet valid. */
const backdated = hour

export interface AuthorityOrder {
  /** Whose it is: one gateway's, or a cluster's. People tell them apart by that in their browser's list. */
  readonly kind?: 'local' | 'cluster'
  readonly host: string
  readonly key: string
  readonly now: Date
}

/** The certificate of a CA that may sign certificates of servers and clients, and no further CAs. */
export async function issueAuthority({ kind = 'local', host, key, now }: AuthorityOrder): Promise<string> {
  const keys = await keyPair(key)
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: commonName(`Pyli ${kind} CA ${host}`),
    keys,
    signingAlgorithm: algorithm,
    ...validity(now, authorityDays),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return pem(certificate)
}

export interface LeafOrder {
  readonly authority: { readonly cert: string; readonly key: string }
  readonly key: string
  /** What it is shown as. */
  readonly use?: 'server' | 'client'
  /** Host names and IP addresses of a server; a client has none. */
  readonly names: readonly string[]
  /** The first name unless given. */
  readonly title?: string
  /** As many as browsers take from a server, unless given. */
  readonly days?: number
  readonly now: Date
}

/** A certificate for these names, without a chain. It ends no later than the CA. */
export async function issueLeaf({
  authority,
  key,
  use = 'server',
  names,
  title = names[0] ?? 'Pyli',
  days = browsersDays,
  now,
}: LeafOrder): Promise<string> {
  const issuer = new X509Certificate(authority.cert)
  const [issuerKeys, keys] = await Promise.all([keyPair(authority.key), keyPair(key)])
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
    signingKey: issuerKeys.privateKey,
    signingAlgorithm: algorithm,
    notBefore,
    notAfter: notAfter < issuer.notAfter ? notAfter : issuer.notAfter,
    extensions,
  })
  return pem(certificate)
}

function alternativeName(name: string): { type: 'ip' | 'dns'; value: string } {
  return { type: isIP(name) ? 'ip' : 'dns', value: name }
}

/** X.509 allows a common name 64 characters. */
function commonName(text: string) {
  return [{ CN: [text.slice(0, 64)] }]
}

function validity(now: Date, days: number): { notBefore: Date; notAfter: Date } {
  const notBefore = new Date(now.getTime() - backdated)
  return { notBefore, notAfter: new Date(notBefore.getTime() + days * day) }
}

async function keyPair(key: string): Promise<CryptoKeyPair> {
  const privateKey = createPrivateKey(key)
  return { privateKey: webKey(privateKey, 'sign'), publicKey: webKey(createPublicKey(privateKey), 'verify') }
}

/** A public key must be extractable, as its bytes become part of the certificate. */
function webKey(key: KeyObject, usage: 'sign' | 'verify'): CryptoKey {
  return key.toCryptoKey(algorithm, usage === 'verify', [usage]) as CryptoKey
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`
}
