import { headerValues, type RawHeaders } from './raw-headers.ts'

/** Of one connection alone (RFC 9110 7.6.1, and those that older programs treat so). */
export const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** Most headers are told from all of these by their length, and need not be lower-cased for it. */
const lengths = new Set(Array.from(hopByHop, ({ length }) => length))
const isLength = Uint8Array.from({ length: 64 }, (_, length) => (lengths.has(length) ? 1 : 0))

const none: ReadonlySet<string> = new Set()
/** A backend must not take these away from an answer by naming them in Connection. */
const kept = new Set(['content-length', 'set-cookie', 'location', 'content-type'])

/** Whether a header, in any case, is of one connection alone: always, or as its Connection header says. */
export function isHopByHop(name: string, nominated: ReadonlySet<string>): boolean {
  if (isLength[name.length] !== 1 && nominated.size === 0) return false
  const lowerCase = name.toLowerCase()
  return hopByHop.has(lowerCase) || nominated.has(lowerCase)
}

/** What else is of this connection alone, as its Connection header says. */
export function nominatedBy(headers: RawHeaders): ReadonlySet<string> {
  const values = headerValues(headers, 'connection')
  if (values.length === 0) return none
  const nominated = values.flatMap((value) => value.split(',').map((name) => name.trim().toLowerCase()))
  return new Set(nominated.filter((name) => !kept.has(name)))
}
