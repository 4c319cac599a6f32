import { createHash } from 'node:crypto'
import CachePolicy from 'http-cache-semantics'
import { header, type RawHeaders, withoutHeaders } from '../http1/raw-headers.ts'

/** An answer of a backend to a GET without credentials. */
export interface PublicAnswer {
  readonly status: number
  readonly headers: RawHeaders
  readonly body: Buffer
}

export type Coding = 'br' | 'gzip'

/** What is said anew with each answer. */
const own = new Set(['content-length', 'etag', 'accept-ranges', 'age', 'vary', 'date'])

const asked = { url: '/', method: 'GET', headers: {} }

/** A file as a backend gave it, and the same compressed. */
export class CachedFile {
  /** As a client shall see them, without those that depend on how it asks. */
  readonly headers: RawHeaders
  readonly body: Buffer
  /** Of the content, so that every gateway and every backend says the same. Without its quotation marks. */
  readonly tag: string
  readonly coded: Partial<Record<Coding, Buffer>> = {}
  #policy: CachePolicy

  private constructor({ headers, body }: PublicAnswer, policy: CachePolicy) {
    this.headers = withoutHeaders(headers, (name) => own.has(name))
    this.body = alone(body)
    this.tag = createHash('sha256').update(body).digest('base64url').slice(0, 22)
    this.#policy = policy
  }

  /** Undefined where the answer is not for everybody, or not to be kept (RFC 9111). */
  static from(answer: PublicAnswer): CachedFile | undefined {
    const { status, headers } = answer
    if (status !== 200 || header(headers, 'set-cookie') !== undefined) return undefined
    const type = header(headers, 'content-type') ?? ''
    const coding = header(headers, 'content-encoding')
    if (type === '' || type.startsWith('text/html') || coding !== undefined) return undefined
    const vary = header(headers, 'vary')
    if (vary !== undefined && vary.toLowerCase() !== 'accept-encoding') return undefined
    const policy = new CachePolicy(asked, { status, headers: folded(headers) }, { shared: true })
    return policy.storable() && policy.timeToLive() > 0 ? new CachedFile(answer, policy) : undefined
  }

  get isFresh(): boolean {
    return !this.#policy.stale()
  }

  /** Seconds since a backend said that it is so. */
  get age(): number {
    return Math.floor(this.#policy.age())
  }

  /** Bytes. */
  get size(): number {
    const coded = Object.values(this.coded).reduce((sum, { length }) => sum + length, 0)
    return this.body.length + coded + fixedSize
  }

  /** With which a backend can say that nothing has changed. */
  revalidationHeaders(): string[] {
    return Object.entries(this.#policy.revalidationHeaders(asked)).flatMap(([name, value]) => [name, String(value)])
  }

  /** Whether the backend's answer to those said so. */
  revalidate({ status, headers }: PublicAnswer): boolean {
    const { policy, modified } = this.#policy.revalidatedPolicy(asked, { status, headers: folded(headers) })
    if (!modified) this.#policy = policy
    return !modified
  }
}

/** Bytes that hold no more memory than they are: of what was read, a short part keeps all of its read. */
export function alone(bytes: Buffer): Buffer {
  if (bytes.buffer.byteLength === bytes.length) return bytes
  const own = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(own)
  return own
}

/** Of headers and what else a file takes, roughly. Bytes. */
const fixedSize = 2 * 1024

/** As the rules read them: one value for each name. */
function folded(headers: RawHeaders): Record<string, string> {
  const values: Record<string, string> = {}
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase()
    const value = headers[i + 1] as string
    values[name] = Object.hasOwn(values, name) ? `${values[name]}, ${value}` : value
  }
  return values
}
