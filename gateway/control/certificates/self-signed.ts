import type { KeyObject, X509Certificate } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { codeOf, modes, readIfThere, replace, writeOnce } from '../files.ts'
import { makeFolders } from '../folders.ts'
import { type Authority, ensureAuthority } from './authority.ts'
import { CertificateError, type Identity, newKey, readCertificate, readOwnKey } from './identity.ts'
import { namesOf, namesToCover } from './names.ts'

export interface SelfSignedOptions {
  readonly dir: string
  /** Names and addresses beside localhost and the host's own. */
  readonly names: readonly string[]
  readonly now: Date
  readonly host?: string
}

export interface SelfSigned extends Identity {
  /** The file that clients must trust. */
  readonly caPath: string
  /** What this call had to make. Whoever trusts the CA has to do so again after `ca` only. */
  readonly made: 'ca' | 'leaf' | 'nothing'
}

/** How much of its life a certificate may have left when it is made anew: the last third. */
const leastLeft = 1 / 3

/** Whether another one should be made. None ends later than its CA, so near that end another would be no better. */
export function isDue(leaf: X509Certificate, authority: X509Certificate, now: Date): boolean {
  const from = leaf.validFromDate.getTime()
  const to = leaf.validToDate.getTime()
  if (from > now.getTime()) return true
  return to - now.getTime() < (to - from) * leastLeft && to < authority.validToDate.getTime()
}

/**
 * A server certificate and its CA from the folder, made where they are missing.
 *
 * Several processes may do this at once, and one may die in the midst of it. No lock is needed, because of what never
 * changes: both keys and the CA are written once and never replaced, the first writer winning. So the only file that is
 * replaced, cert.pem, is always for the same key and from the same CA, whoever wrote it last. The price is that the leaf
 * keeps its key; to change it, remove key.pem.
 */
export async function selfSigned({ dir, names, now, host = hostname() }: SelfSignedOptions): Promise<SelfSigned> {
  await makeFolder(dir)
  const authority = await ensureAuthority({ dir, host, now })
  const caPath = authority.path

  const keyPath = join(dir, 'key.pem')
  const key = (await readIfThere(keyPath)) ?? (await writeOnce(keyPath, newKey(), modes.secret))
  const privateKey = readOwnKey(key, keyPath, 'remove it, and the next start makes another')

  const certPath = join(dir, 'cert.pem')
  const wanted = namesToCover(host, names)
  const found = await readIfThere(certPath)
  if (found !== undefined && isGood({ cert: found, path: certPath, privateKey, authority, wanted, now })) {
    return { cert: found, key, caPath, made: 'nothing' }
  }

  const { issueLeaf } = await import('./issue.ts')
  const leaf = await issueLeaf({ authority, key, names: wanted, now })
  // No client needs the CA here, as trust comes from its own store. It lets people look at it, and save it, in a browser.
  const cert = leaf + authority.cert
  await replace(certPath, cert, modes.open)
  return { cert, key, caPath, made: authority.isNew ? 'ca' : 'leaf' }
}

interface Found {
  readonly cert: string
  readonly path: string
  readonly privateKey: KeyObject
  readonly authority: Authority
  readonly wanted: readonly string[]
  readonly now: Date
}

/** Whether a certificate of an earlier start can serve on. */
function isGood({ cert, path, privateKey, authority, wanted, now }: Found): boolean {
  const leaf = readCertificate(cert, path, 'remove it, and the next start makes another')
  if (!leaf.checkPrivateKey(privateKey)) return false
  if (!leaf.verify(authority.certificate.publicKey) || !cert.endsWith(authority.cert)) return false
  if (isDue(leaf, authority.certificate, now)) return false
  const covered = new Set(namesOf(leaf))
  return wanted.every((name) => covered.has(name))
}

/** A folder that was there keeps its rights: it may be anybody's. The keys in it are closed by themselves. */
async function makeFolder(dir: string): Promise<void> {
  await makeFolders(dir, 0o700).catch((error: unknown) => {
    throw new CertificateError(
      `${dir} cannot be made (${codeOf(error)}); give --tls-dir a folder that can be written to`,
    )
  })
}
