import type { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { modes, readIfThere, writeOnce } from '../files.ts'
import { CertificateError, newKey, readCertificate, readOwnKey } from './identity.ts'

/** The local CA, which signs this gateway's certificates. */
export interface Authority {
  readonly path: string
  readonly cert: string
  readonly key: string
  readonly certificate: X509Certificate
  readonly isNew: boolean
}

interface Whereabouts {
  readonly dir: string
  /** For its name, which is what people see in their browser's list of CAs. */
  readonly host: string
  readonly now: Date
}

/** The CA in the folder, made if there is none. It is never made anew by itself, as people have trusted the old one. */
export async function ensureAuthority({ dir, host, now }: Whereabouts): Promise<Authority> {
  const path = join(dir, 'ca.pem')
  const keyPath = join(dir, 'ca-key.pem')
  const again = `to start again, remove ${path} and ${keyPath}, and trust the CA that the next start makes`

  const found = await readIfThere(path)
  const foundKey = await readIfThere(keyPath)
  // The key is always written first, so this is no start that died in the midst of it.
  if (found !== undefined && foundKey === undefined) {
    throw new CertificateError(`${keyPath}, the key of ${path}, is missing; bring it back or, ${again}`)
  }
  const key = foundKey ?? (await writeOnce(keyPath, newKey(), modes.secret))
  const privateKey = readOwnKey(key, keyPath, again)
  const cert = found ?? (await writeOnce(path, await issue(host, key, now), modes.open))
  const certificate = readCertificate(cert, path, again)

  if (!certificate.ca) throw new CertificateError(`${path} is not the certificate of a CA; ${again}`)
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new CertificateError(`${keyPath} is not the key of ${path}; ${again}`)
  }
  if (certificate.validToDate < now) {
    throw new CertificateError(
      `${path} was valid until ${certificate.validToDate.toISOString().slice(0, 10)}; ${again}`,
    )
  }
  return { path, cert, key, certificate, isNew: found === undefined }
}

async function issue(host: string, key: string, now: Date): Promise<string> {
  const { issueAuthority } = await import('./issue.ts')
  return issueAuthority({ host, key, now })
}
