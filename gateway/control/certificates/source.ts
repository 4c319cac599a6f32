import { createHash, type X509Certificate } from 'node:crypto'
import { hostname } from 'node:os'
import type { CertificateSource } from '../../observe/certificate.ts'
import { FileError } from '../files.ts'
import { readChain } from './chain.ts'
import { day } from './finding.ts'
import { type FilePaths, fromFiles, judge, readPair } from './from-files.ts'
import type { Identity } from './identity.ts'
import { uncovered } from './inspect.ts'
import { isDue, selfSigned } from './self-signed.ts'

export interface Opened {
  readonly identity: Identity
  readonly warnings: readonly string[]
}

/** What a look at a source has found. */
export type Look =
  | { readonly kind: 'same' }
  /**
   * What is there has changed since the last look, or is no pair yet: nothing can be said about it. `reason`: if it
   * stays so.
   */
  | { readonly kind: 'unsettled'; readonly reason?: string }
  | { readonly kind: 'renewed'; readonly opened: Opened }
  | { readonly kind: 'refused'; readonly reason: string }

/** Where a certificate comes from, again and again. */
export interface Source {
  readonly kind: CertificateSource
  /** At the start. Rejects with FileError. */
  open(now: Date): Promise<Opened>
  /** Later, beside what is shown now. */
  look(shown: Identity, now: Date): Promise<Look>
}

export interface FilesOptions extends FilePaths {
  readonly hosts: readonly string[]
  readonly roots?: () => readonly X509Certificate[]
}

/** Two files that somebody else writes, one after the other or by swapping a link. */
export function filesSource({ hosts, roots, ...paths }: FilesOptions): Source {
  /** Of what the last look saw: a file is whole when it is seen twice. Content tells what times and events do not. */
  let seen: string | undefined

  return {
    kind: 'files',
    open: (now) => fromFiles({ ...paths, hosts, now, ...(roots && { roots }) }),

    async look(shown, now) {
      const read = await readPair(paths)
      const before = seen
      seen = printOf(read)
      if (read.cert === shown.cert && read.key === shown.key) return { kind: 'same' }
      if (seen !== before) return { kind: 'unsettled' }
      const findings = judge(read, { now, hosts, ...(roots && { roots }) })
      const [gravest] = findings.filter(({ gravity }) => gravity !== 'doubtful')
      if (gravest?.gravity === 'unfinished') return { kind: 'unsettled', reason: gravest.text }
      const identity = { cert: read.cert as string, key: read.key as string }
      const reason = gravest?.text ?? namesLost(shown, identity, hosts, paths.cert)
      if (reason !== undefined) return { kind: 'refused', reason }
      return { kind: 'renewed', opened: { identity, warnings: findings.map(({ text }) => text) } }
    },
  }
}

function printOf(read: object): string {
  return createHash('sha256').update(JSON.stringify(read)).digest('base64')
}

/** Browsers that come by such a name work now, and would not then. */
function namesLost(shown: Identity, next: Identity, hosts: readonly string[], path: string): string | undefined {
  const [before, after] = [readChain(shown.cert)?.[0], readChain(next.cert)?.[0]]
  if (!before || !after) return undefined
  const missedBefore = uncovered(before, hosts)
  const lost = uncovered(after, hosts).filter((host) => !missedBefore.includes(host))
  if (lost.length === 0) return undefined
  return `${path} no longer covers ${lost.join(' and ')} of --allow-host, as the certificate shown now does`
}

export interface SelfSignedSourceOptions {
  readonly dir: string
  readonly names: readonly string[]
  readonly host?: () => string
}

/**
 * A certificate of our own, made anew when two thirds of its life are over or this machine has another name. Whether the
 * file has the names that we want is not asked: another gateway over the same folder may want others, and the two would
 * take turns for ever.
 */
export function selfSignedSource({ dir, names, host = hostname }: SelfSignedSourceOptions): Source {
  let madeFor: string | undefined

  async function open(now: Date): Promise<Opened> {
    const name = host()
    const { cert, key } = await selfSigned({ dir, names, now, host: name })
    madeFor = name
    return { identity: { cert, key }, warnings: [] }
  }

  return {
    kind: 'self-signed',
    open,

    async look(shown, now) {
      const [leaf, authority] = readChain(shown.cert) ?? []
      if (!leaf || !authority) throw new Error('a self-signed certificate stands without its CA')
      if (host() === madeFor && !isDue(leaf, authority, now)) return { kind: 'same' }
      try {
        const opened = await open(now)
        if (opened.identity.cert === shown.cert) return { kind: 'same' }
        if (readChain(opened.identity.cert)?.[1]?.fingerprint256 === authority.fingerprint256) {
          return { kind: 'renewed', opened }
        }
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        return { kind: 'refused', reason: error.message }
      }
      const reason = `the CA in ${dir} is another than that of ${day(authority.validFromDate)}, which clients trust; the next start takes it`
      return { kind: 'refused', reason }
    },
  }
}
