// First, as @peculiar/x509 does not load without it.
import 'reflect-metadata'

import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

const algorithms = {
  p256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  p521: { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
  rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  ed25519: { name: 'Ed25519' },
} as const

export interface Plan {
  readonly name: string
  /** Absent: itself. */
  readonly signedBy?: Issued
  readonly isAuthority?: boolean
  readonly names?: readonly string[]
  /** Object identifiers of the extended key usage; absent: none is named. */
  readonly uses?: readonly string[]
  readonly from?: string
  readonly to?: string
  readonly kind?: keyof typeof algorithms
  readonly rsaBits?: number
  readonly hash?: 'SHA-1' | 'SHA-256'
  /** Takes the key of another certificate. */
  readonly key?: KeyObject
}

export interface Issued {
  readonly name: string
  readonly cert: string
  readonly key: string
  readonly privateKey: KeyObject
  readonly algorithm: { readonly name: string; readonly hash?: string; readonly namedCurve?: string }
}

/** A certificate with whatever faults are wanted. Valid from 2030-01-01 for 90 days, if nothing else is said. */
export async function issue(plan: Plan): Promise<Issued> {
  const { name, signedBy, isAuthority = false, names, uses, kind = 'p256', hash } = plan
  const privateKey = plan.key ?? newKey(kind, plan.rsaBits)
  const algorithm = { ...algorithms[kind], ...(hash && { hash }) }
  const publicKey = createPublicKey(privateKey)
  const signer = signedBy ?? { name, privateKey, algorithm }
  const signing = { ...signer.algorithm, ...(hash && { hash }) }
  const extensions: Extension[] = [new BasicConstraintsExtension(isAuthority, undefined, true)]
  if (uses) extensions.push(new ExtendedKeyUsageExtension([...uses]))
  if (names) {
    extensions.push(new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value }))))
  }
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: `CN=${signer.name}`,
    publicKey: publicKey.toCryptoKey(algorithm, true, ['verify']) as CryptoKey,
    signingKey: signer.privateKey.toCryptoKey(signing, false, ['sign']) as CryptoKey,
    signingAlgorithm: signing,
    notBefore: new Date(plan.from ?? '2030-01-01'),
    notAfter: new Date(plan.to ?? '2030-04-01'),
    extensions,
  })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  return { name, cert: `${certificate.toString('pem')}\n`, key, privateKey, algorithm }
}

function newKey(kind: keyof typeof algorithms, modulusLength = 2048): KeyObject {
  switch (kind) {
    case 'rsa':
      return generateKeyPairSync('rsa', { modulusLength }).privateKey
    case 'ed25519':
      return generateKeyPairSync('ed25519').privateKey
    default:
      return generateKeyPairSync('ec', { namedCurve: kind === 'p256' ? 'P-256' : 'P-521' }).privateKey
  }
}

/** A root, an intermediate and a leaf, as public CAs have them. */
export async function usualChain(changes: Partial<Plan> = {}): Promise<{ root: Issued; middle: Issued; leaf: Issued }> {
  const years = { from: '2025-01-01', to: '2035-01-01', isAuthority: true }
  const root = await issue({ name: 'Root', ...years })
  const middle = await issue({ name: 'Middle', signedBy: root, ...years })
  const leaf = await issue({ name: 'leaf', signedBy: middle, names: ['jupyter.example'], ...changes })
  return { root, middle, leaf }
}
