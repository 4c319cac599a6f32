import type { X509Certificate } from 'node:crypto'
import { FileError, readIfThere } from '../files.ts'
import { type Finding, unfinished } from './finding.ts'
import { CertificateError, type Identity } from './identity.ts'
import { type Expectations, inspect } from './inspect.ts'

export interface FilePaths {
  readonly cert: string
  readonly key: string
}

export interface FromFilesOptions extends FilePaths {
  readonly now: Date
  readonly hosts?: readonly string[]
  readonly roots?: () => readonly X509Certificate[]
}

/** A certificate and key that somebody else made, with what is doubtful about them. Rejects if they cannot serve. */
export async function fromFiles({
  cert,
  key,
  hosts = [],
  ...rest
}: FromFilesOptions): Promise<{ identity: Identity; warnings: readonly string[] }> {
  const pair = await readPair({ cert, key })
  const findings = judge(pair, { hosts, ...rest })
  const fault = findings.find(({ gravity }) => gravity !== 'doubtful')
  if (fault) throw new CertificateError(fault.text)
  const { cert: chain = '', key: secret = '' } = pair
  return { identity: { cert: chain, key: secret }, warnings: findings.map(({ text }) => text) }
}

/** What the two files hold. `missing`, instead, is why one of them holds nothing. */
export interface FilesRead extends Partial<Identity> {
  readonly paths: FilePaths
  readonly missing?: string
}

export async function readPair(paths: FilePaths): Promise<FilesRead> {
  try {
    const [cert, key] = [await read(paths.cert, '--tls-cert'), await read(paths.key, '--tls-key')]
    return { paths, cert, key }
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    return { paths, missing: error.message }
  }
}

export function judge({ paths, cert, key, missing }: FilesRead, expected: Expectations): Finding[] {
  if (cert === undefined || key === undefined) return [unfinished(missing ?? 'nothing was read')]
  return inspect({ cert, key, certPath: paths.cert, keyPath: paths.key }, expected)
}

async function read(path: string, flag: string): Promise<string> {
  const text = await readIfThere(path)
  if (text === undefined) throw new CertificateError(`${path} does not exist; give ${flag} the file's right path`)
  return text
}
