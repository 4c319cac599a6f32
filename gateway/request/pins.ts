import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { headerValues, type RawHeaders } from '../http1/raw-headers.ts'
import type { Backend } from '../pool/backend.ts'

const cookieName = 'pyli-backend'

/** Of that name. A browser has one, and another one for each longer path that somebody set it for. */
const mostCookies = 4

/**
 * The cookie that keeps a client with one backend where nothing else says where its state lives. It holds a digest of
 * the address, so that it tells nobody the inside of the network, and a signature under a key that every gateway
 * derives from the Jupyter token, so that it means the same to all of them.
 */
export class Pins {
  #key: Buffer
  #values = new WeakMap<Backend, string>()
  readonly #path: string

  constructor({ token, baseUrl }: { token: string; baseUrl: string }) {
    this.#key = keyOf(token)
    this.#path = baseUrl
  }

  /** Every gateway must come to the same key, also one that is started with the new token. */
  renew(token: string): void {
    this.#key = keyOf(token)
    this.#values = new WeakMap()
  }

  /** The backend that the request's cookie names, if it is one of these and the signature is ours. */
  read(headers: RawHeaders, backends: readonly Backend[]): Backend | undefined {
    for (const value of pinsIn(headers)) {
      const pinned = backends.find((backend) => equal(value, this.#value(backend)))
      if (pinned) return pinned
    }
    return undefined
  }

  /** The Set-Cookie value that pins a client. */
  cookie(backend: Backend, { encrypted }: { encrypted: boolean }): string {
    const secure = encrypted ? '; Secure' : ''
    return `${cookieName}=${this.#value(backend)}; Path=${this.#path}; HttpOnly; SameSite=Lax${secure}`
  }

  #value(backend: Backend): string {
    const known = this.#values.get(backend)
    if (known !== undefined) return known
    const digest = createHash('sha256').update(backend.key).digest('hex').slice(0, 16)
    const signature = createHmac('sha256', this.#key).update(digest).digest('base64url')
    this.#values.set(backend, `${digest}.${signature}`)
    return `${digest}.${signature}`
  }
}

function pinsIn(headers: RawHeaders): string[] {
  const pairs = headerValues(headers, 'cookie').flatMap((line) => line.split(';'))
  const values = pairs.map((pair) => pair.trim()).filter((pair) => pair.startsWith(`${cookieName}=`))
  return values.slice(0, mostCookies).map((pair) => pair.slice(cookieName.length + 1))
}

function keyOf(token: string): Buffer {
  return createHmac('sha256', 'pyli: pins of clients to backends').update(token).digest()
}

function equal(a: string, b: string): boolean {
  // As bytes: a letter of two of them would make the comparison throw.
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
