import { broken, type StatusLine } from './head-lines.ts'
import type { RawHeaders } from './raw-headers.ts'

/** How the end of a response is found, and whether another may follow on its connection (RFC 9112 section 6.3). */
export interface Framing {
  readonly body: 'none' | 'sized' | 'chunked' | 'to-close'
  /** Bytes; undefined if only the end will tell. */
  readonly length: number | undefined
  readonly persistent: boolean
}

/**
 * Reads the framing of a response, and refuses what two programs could frame in two ways: both Content-Length and
 * Transfer-Encoding, several lengths (even equal ones), any coding but `chunked`, chunked in HTTP/1.0.
 */
export function framingOf({ status, minorVersion }: StatusLine, headers: RawHeaders, method: string): Framing {
  let lengthField: string | undefined
  let codingField: string | undefined
  let connection = ''
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string
    // Lengths first: most names are none of the three, and need not be lower-cased to know it.
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (lengthField !== undefined) throw broken('there are several Content-Lengths')
      lengthField = value
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      if (codingField !== undefined) throw broken('there are several Transfer-Encodings')
      codingField = value
    } else if (name.length === 10 && name.toLowerCase() === 'connection') {
      connection = connection === '' ? value : `${connection},${value}`
    }
  }
  const chunked = isChunked(codingField, minorVersion)
  const length = lengthField === undefined ? undefined : parseLength(lengthField)
  if (chunked && length !== undefined) throw broken('there are both Content-Length and Transfer-Encoding')

  const persistent = isPersistent(connection, minorVersion)
  const announcesBody = chunked || (length ?? 0) > 0
  if (status < 200) {
    if (announcesBody) throw broken('an interim response announces a body')
    return { body: 'none', length: 0, persistent }
  }
  // A backend that gives a 204 a length may also send it: those bytes would be read as the next response.
  if (status === 204) return { body: 'none', length: 0, persistent: persistent && !announcesBody }
  if (status === 304 || method === 'HEAD') return { body: 'none', length: 0, persistent }
  if (chunked) return { body: 'chunked', length: undefined, persistent }
  if (length === undefined) return { body: 'to-close', length: undefined, persistent: false }
  return { body: length === 0 ? 'none' : 'sized', length, persistent }
}

/** Whether a comma-separated list has a member, compared without case. `member` in lower case. */
export function listIncludes(list: string, member: string): boolean {
  if (list.length < member.length) return false
  return list.split(',').some((each) => each.trim().toLowerCase() === member)
}

function isChunked(coding: string | undefined, minorVersion: number): boolean {
  if (coding === undefined) return false
  if (minorVersion === 0) throw broken('there is a Transfer-Encoding in HTTP/1.0')
  if (coding.toLowerCase() !== 'chunked') throw broken('the Transfer-Encoding is not chunked alone')
  return true
}

function parseLength(field: string): number {
  const length = /^\d{1,16}$/.test(field) ? Number(field) : Number.NaN
  if (!Number.isSafeInteger(length)) throw broken('the Content-Length is not a number of bytes')
  return length
}

function isPersistent(connection: string, minorVersion: number): boolean {
  if (connection === '') return minorVersion > 0
  if (listIncludes(connection, 'close')) return false
  return minorVersion > 0 || listIncludes(connection, 'keep-alive')
}
