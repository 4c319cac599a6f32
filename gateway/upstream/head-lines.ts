import { BackendFailure } from './client.ts'
import { COLON, HTAB, isTextOctet, isTokenOctet, SP } from './octets.ts'

/**
 * The two kinds of lines in a response head, each given as octets from `start` to `end` (its CRLF is not part of it).
 * What is refused here is what some other program would read differently: a bare CR or NUL in a value, a space before
 * the colon, a folded line, an empty name (RFC 9112 sections 2.2, 4, 5).
 */

export interface StatusLine {
  /** The x of HTTP/1.x. */
  readonly minorVersion: number
  readonly status: number
  readonly reason: string
}

const beforeMinorVersion = Buffer.from('HTTP/1.')

/**
 * `HTTP/1.x SP 3DIGIT SP reason`. The second space is required even if no reason follows (RFC 9112 section 4).
 * Lengths need no check: where a line is too short, its CR stands in the place of something else.
 */
export function parseStatusLine(line: Buffer, start: number, end: number): StatusLine {
  for (let i = 0; i < beforeMinorVersion.length; i++) {
    if (line[start + i] !== beforeMinorVersion[i]) throw broken('the status line does not begin with HTTP/1.')
  }
  const minorVersion = digit(line, start + 7)
  const status = digit(line, start + 9) * 100 + digit(line, start + 10) * 10 + digit(line, start + 11)
  const spaced = line[start + 8] === SP && line[start + 12] === SP
  if (!spaced || Number.isNaN(minorVersion) || !(status >= 100)) throw broken('the status line is malformed')
  requireText(line, start + 13, end, 'the reason')
  return { minorVersion, status, reason: line.toString('latin1', start + 13, end) }
}

/** One field line (RFC 9112 section 5), its name and trimmed value appended to `fields`. */
export function parseFieldLine(line: Buffer, start: number, end: number, fields: string[]): void {
  let colon = start
  while (colon < end && isTokenOctet[line[colon] as number] === 1) colon++
  // A fold begins with a space, which is no token: it is refused as an empty name.
  if (colon === start) throw broken('a field has no name, or is folded')
  if (colon === end || line[colon] !== COLON) throw broken('a field name holds or is followed by what is no token')

  let from = colon + 1
  let to = end
  while (from < to && isBlank(line[from] as number)) from++
  while (to > from && isBlank(line[to - 1] as number)) to--
  requireText(line, from, to, 'a field value')
  fields.push(line.toString('latin1', start, colon), line.toString('latin1', from, to))
}

export function broken(detail: string): BackendFailure {
  return new BackendFailure('backend-broken', detail, false)
}

function requireText(line: Buffer, from: number, to: number, what: string): void {
  for (let i = from; i < to; i++) {
    if (isTextOctet[line[i] as number] === 0) throw broken(`${what} holds a control character`)
  }
}

function isBlank(octet: number): boolean {
  return octet === SP || octet === HTAB
}

/** NaN for anything but a digit. */
function digit(line: Buffer, at: number): number {
  const value = (line[at] as number) - 0x30
  return value >= 0 && value <= 9 ? value : Number.NaN
}
