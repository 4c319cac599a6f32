import type { BackendRequest, RequestBody } from './client.ts'

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** Also what latin1 cannot hold: Node would cut U+010A down to its lower byte, a line feed. */
const noText = /[^\t\x20-\x7e\x80-\xff]/
/** Origin-form, or the asterisk of OPTIONS (RFC 9112 3.2). Octets above 0x7e are no URI, but they split nothing. */
const requestTarget = /^(?:\/[\x21-\x7e\x80-\xff]*|\*)$/

/**
 * The head of a request as it goes over the wire. Throws TypeError for what would be read as more than one request or
 * header: whoever called should have refused it, so it is a mistake of ours and no failure of the exchange.
 */
export function requestHead(request: BackendRequest, authority: string): string {
  const { method, target, headers, body, upgrade } = request
  // The answer to CONNECT is a tunnel whatever its headers say (RFC 9110 9.3.6).
  if (!token.test(method) || method === 'CONNECT') throw new TypeError('not a method to send to a backend')
  if (!requestTarget.test(target)) throw new TypeError('the target is not in origin-form')
  if (body.kind === 'stream' && !isLength(body.length)) throw new TypeError('the length is not a number of bytes')
  // Bytes behind an upgrade would be read as HTTP by one program and as frames by another.
  if (upgrade && (method !== 'GET' || body.kind !== 'none')) throw new TypeError('an upgrade is a GET without body')
  if (headers.length % 2 !== 0) throw new TypeError('a header has no value')

  let head = `${method} ${target} HTTP/1.1\r\n`
  let namesHost = false
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string
    if (!token.test(name)) throw new TypeError('a header name is not a token')
    if (noText.test(value)) throw new TypeError(`the value of ${name} cannot stand in a header`)
    if (isFraming(name)) throw new TypeError(`${name} is the client's to add`)
    if (name.length === 4 && name.toLowerCase() === 'host') namesHost = true
    head += `${name}: ${value}\r\n`
  }
  if (!namesHost) head += `Host: ${authority}\r\n`
  if (upgrade) head += 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
  return `${head}${framing(method, body)}\r\n`
}

/** Keep-alive is HTTP/1.1's default and needs no word. */
function framing(method: string, body: RequestBody): string {
  switch (body.kind) {
    case 'none':
      return anticipatesBody(method) ? 'Content-Length: 0\r\n' : ''
    case 'bytes':
      return `Content-Length: ${body.bytes.length}\r\n`
    case 'stream':
      return body.length === undefined ? 'Transfer-Encoding: chunked\r\n' : `Content-Length: ${body.length}\r\n`
  }
}

/** Methods that usually have a body say so when they have none (RFC 9110 8.6). */
function anticipatesBody(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH'
}

function isLength(length: number | undefined): boolean {
  return length === undefined || (Number.isSafeInteger(length) && length >= 0)
}

function isFraming(name: string): boolean {
  switch (name.length) {
    case 7:
      return name.toLowerCase() === 'upgrade'
    case 10:
      return name.toLowerCase() === 'connection'
    case 14:
      return name.toLowerCase() === 'content-length'
    case 17:
      return name.toLowerCase() === 'transfer-encoding'
    default:
      return false
  }
}
