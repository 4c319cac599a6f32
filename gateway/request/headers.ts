import type { Ms } from '../config/units.ts'
import { hopByHop, isHopByHop, nominatedBy } from '../http1/hop-by-hop.ts'
import { header, headersWhere, headerValues, type RawHeaders, sameName, withoutHeaders } from '../http1/raw-headers.ts'
import { operatorCookie, withoutOperatorSession } from '../limits/operator-cookie.ts'
import type { Trust } from '../limits/trust.ts'
import type { Client, Exchange, RequestHead } from './exchange.ts'

/** Said by proxies of the client: replaced by what we see, and by what trusted ones have told us (clientOf, idOf). */
const forwarded = /^(?:x-request-id|forwarded|x-forwarded-.*|x-real-ip|x-scheme)$/i

/** Of x and f, in either case. */
const initials = new Set([...'xXfF'].map((letter) => letter.charCodeAt(0)))

function isForwarded(name: string): boolean {
  // Most names begin with another letter, and need not be matched to know it.
  return initials.has(name.charCodeAt(0)) && forwarded.test(name)
}

/** What describes a body that is sent on with a length of its own, or not at all. */
const isFraming = (name: string): boolean => sameName(name, 'content-length')

/** Who asks, and what. */
export type Asking = Pick<Exchange, 'head' | 'client' | 'account'>

/**
 * The headers that a backend shall see: the client's, in their order and case, without those of its connection, and
 * with who and how it came. Host stays as it is: Jupyter's cookie name and origin checks are made of it.
 */
export function toBackend({ head, client, account }: Asking): RawHeaders {
  const nominated = nominatedBy(head.headers)
  const headers = headersWhere(
    publicCookies(head.headers),
    (name) => !isHopByHop(name, nominated) && !isFraming(name) && !isForwarded(name),
  )
  const scheme = client.encrypted ? 'https' : 'http'
  const { address, via = [] } = client
  headers.push('X-Forwarded-For', [address, ...via].join(', '), 'X-Forwarded-Proto', scheme)
  // Of a list Jupyter takes the last, which is the nearest proxy; this goes before it (tornado/httpserver.py).
  if (via.length > 0) headers.push('X-Real-IP', address)
  const host = header(head.headers, 'host')
  if (host !== undefined) headers.push('X-Forwarded-Host', host)
  headers.push('X-Request-Id', account.id)
  return headers
}

/** Nearly always the headers themselves. */
function publicCookies(headers: RawHeaders): RawHeaders {
  if (!headers.some((text) => text.includes(operatorCookie))) return headers
  const kept: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const [name, value] = [headers[i] as string, headers[i + 1] as string]
    const shown = sameName(name, 'cookie') ? withoutOperatorSession(value) : value
    if (shown !== undefined) kept.push(name, shown)
  }
  return kept
}

/** Who speaks, as far as it is told by those whom we trust. Their word of the Host is not taken: Jupyter uses it. */
export function clientOf({ headers }: RequestHead, peer: Client, trust: Trust): Client {
  if (!trust.has(peer.address)) return peer
  const values = { for: headerValues(headers, 'x-forwarded-for'), proto: headerValues(headers, 'x-forwarded-proto') }
  return { ...peer, ...trust.originOf(peer, values) }
}

/** The name that a trusted proxy has given to the exchange, so that its log and ours can be laid side by side. */
export function idOf({ headers }: RequestHead, peer: Client, trust: Trust): string | undefined {
  if (!trust.has(peer.address)) return undefined
  const [id, ...others] = headerValues(headers, 'x-request-id')
  return id !== undefined && others.length === 0 && /^[\w.:+/=-]{1,128}$/.test(id) ? id : undefined
}

/** As toBackend, for requests whose answer is read here: no coding, no condition, no part of it. */
export function toBackendForReading(asking: Asking): RawHeaders {
  return withoutHeaders(toBackend(asking), (name) => unreadable.has(name) || name.startsWith('sec-websocket-'))
}

const unreadable = new Set(['accept-encoding', 'if-none-match', 'if-modified-since', 'range', 'if-range', 'expect'])

/** The headers of an answer that the client shall see. Trailer stays where trailers are passed on. */
export function toClient(headers: RawHeaders, { keepTrailer }: { keepTrailer: boolean }): string[] {
  const nominated = nominatedBy(headers)
  return headersWhere(headers, (name) => !isHopByHop(name, nominated) || (keepTrailer && sameName(name, 'trailer')))
}

/** Trailers that may be passed on: none that says how to read the message or who speaks (RFC 9110 6.5.1). */
export function toClientTrailers(trailers: RawHeaders): RawHeaders {
  if (trailers.length === 0) return trailers
  return withoutHeaders(trailers, (name) => hopByHop.has(name) || notInTrailers.test(name))
}

const notInTrailers =
  /^(?:content-.*|host|set-cookie|cookie|authorization|www-authenticate|cache-control|location|date)$/

/** The headers of an interim answer: none of a body's, which it has not (RFC 9110 8.6). */
export function toClientInterim(headers: RawHeaders): string[] {
  return withoutHeaders(toClient(headers, { keepTrailer: false }), isFraming)
}

/** The headers of a 101: those of the connection are the point of it, the rest follows the same rules. */
export function toClientUpgrade(headers: RawHeaders): string[] {
  return ['Connection', 'Upgrade', 'Upgrade', 'websocket', ...toClientInterim(headers)]
}

/** That browsers shall come by HTTPS alone from now on (RFC 6797). */
export function strictTransport(time: Ms | 'off'): RawHeaders {
  return time === 'off' ? [] : ['Strict-Transport-Security', `max-age=${Math.floor(time / 1000)}`]
}
