import type { X509Certificate } from 'node:crypto'
import { certificateName } from '../../config/forms/address.ts'

/** What a self-signed certificate is for, each name once and in its one spelling: this machine, then the names given. */
export function namesToCover(host: string, given: readonly string[]): readonly string[] {
  // A host may be called what no certificate can hold, such as "my laptop". Nobody reaches it by that name.
  const own = certificateName.read(host)
  const names = 'value' in own ? [own.value] : []
  return [...new Set(['localhost', '127.0.0.1', '::1', ...names, ...given])]
}

/** The alternative names of a certificate, each in its one spelling: Node prints IPv6 addresses unshortened. */
export function namesOf({ subjectAltName }: X509Certificate): string[] {
  const entries = subjectAltName?.split(', ') ?? []
  return entries
    .filter((entry) => /^(?:DNS|IP Address):/.test(entry))
    .map((entry) => spelling(entry.replace(/^[^:]*:/, '')))
}

function spelling(name: string): string {
  const reading = certificateName.read(name)
  return 'value' in reading ? reading.value : name
}
