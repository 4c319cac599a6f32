import { isBlank } from './field-line.ts'
import { Malformed } from './malformed.ts'
import type { RawHeaders } from './raw-headers.ts'

/** What the headers of a message say of its end and of its connection's (RFC 9112 sections 6 and 9.3). */
export interface FramingFields {
  readonly chunked: boolean
  readonly length: number | undefined
  readonly persistent: boolean
}

/**
 * Reads them, and refuses what two programs could frame in two ways: both Content-Length and Transfer-Encoding,
 * several lengths (even equal ones), any coding but `chunked`, chunked in HTTP/1.0.
 */
export function framingFields(minorVersion: number, headers: RawHeaders): FramingFields {
  let lengthField: string | undefined
  let codingField: string | undefined
  let connection = ''
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string
    // Lengths first: most names are none of the three, and need not be lower-cased to know it.
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (lengthField !== undefined) throw new Malformed('there are several Content-Lengths')
      lengthField = value
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      codingField = codingField === undefined ? value : `${codingField},${value}`
    } else if (name.length === 10 && name.toLowerCase() === 'connection') {
      connection = connection === '' ? value : `${connection},${value}`
    }
  }
  const chunked = isChunked(codingField, minorVersion)
  const length = lengthField === undefined ? undefined : parseLength(lengthField)
  if (chunked && length !== undefined) throw new Malformed('there are both Content-Length and Transfer-Encoding')
  return { chunked, length, persistent: isPersistent(connection, minorVersion) }
}

/** Whether a comma-separated list has a member, compared without case. `member` in lower case. */
export function listIncludes(list: string, member: string): boolean {
  if (list.length < member.length) return false
  return members(list).includes(member)
}

function members(list: string): string[] {
  return list.toLowerCase().split(',').map(withoutBlanks)
}

/**
 * Not with trim(), which takes a no-break space for a blank: `chunked\xa0` is no coding. Nor with a regular expression, which
 * looks at a run of blanks once for each of them: a head full of them took it more than a second.
 */
function withoutBlanks(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && isBlank(text.charCodeAt(from))) from++
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--
  return text.slice(from, to)
}

function isChunked(coding: string | undefined, minorVersion: number): boolean {
  if (coding === undefined) return false
  if (minorVersion === 0) throw new Malformed('there is a Transfer-Encoding in HTTP/1.0')
  const codings = members(coding)
  if (codings.length === 1 && codings[0] === 'chunked') return true
  // Before another coding, or twice: some find the body's end by it all the same, and some do not (RFC 9112 6.3).
  if (codings.slice(0, -1).includes('chunked'))
    throw new Malformed('chunked is not the last coding, or not the only one')
  throw new Malformed('the Transfer-Encoding is not chunked', 'coding-unknown')
}

function parseLength(field: string): number {
  const length = /^\d{1,16}$/.test(field) ? Number(field) : Number.NaN
  if (!Number.isSafeInteger(length)) throw new Malformed('the Content-Length is not a number of bytes')
  return length
}

function isPersistent(connection: string, minorVersion: number): boolean {
  if (connection === '') return minorVersion > 0
  if (listIncludes(connection, 'close')) return false
  return minorVersion > 0 || listIncludes(connection, 'keep-alive')
}
