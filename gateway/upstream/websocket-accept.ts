import { createHash } from 'node:crypto'
import { listIncludes } from '../http1/framing-fields.ts'
import { header, headerValues } from '../http1/raw-headers.ts'
import type { ResponseHead } from './client.ts'

/** Why a 101 does not open the WebSocket that was asked for, or undefined if it does (RFC 6455 4.1). */
export function faultOfSwitch({ headers }: ResponseHead, key: string): string | undefined {
  const upgrade = headerValues(headers, 'upgrade')
  if (upgrade.length !== 1 || upgrade[0]?.toLowerCase() !== 'websocket') return 'the 101 is no upgrade to websocket'
  if (!listIncludes(headerValues(headers, 'connection').join(), 'upgrade')) return 'the 101 has no Connection: Upgrade'
  const accept = headerValues(headers, 'sec-websocket-accept')
  if (accept.length !== 1 || accept[0] !== acceptOf(key)) return 'the Sec-WebSocket-Accept of the 101 is wrong'
  return undefined
}

/** The key of an opening handshake. Throws TypeError if there is none: then no 101 could be believed. */
export function websocketKey(headers: readonly string[]): string {
  const key = header(headers, 'sec-websocket-key')
  if (key === undefined) throw new TypeError('an upgrade needs a Sec-WebSocket-Key')
  return key
}

export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}
