import { requireText } from '../http1/field-line.ts'
import { Malformed } from '../http1/malformed.ts'
import { SP } from '../http1/octets.ts'

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
    if (line[start + i] !== beforeMinorVersion[i]) throw new Malformed('the status line does not begin with HTTP/1.')
  }
  const minorVersion = digit(line, start + 7)
  const status = digit(line, start + 9) * 100 + digit(line, start + 10) * 10 + digit(line, start + 11)
  const spaced = line[start + 8] === SP && line[start + 12] === SP
  if (!spaced || Number.isNaN(minorVersion) || !(status >= 100)) throw new Malformed('the status line is malformed')
  requireText(line, start + 13, end, 'the reason')
  return { minorVersion, status, reason: line.toString('latin1', start + 13, end) }
}

/** NaN for anything but a digit. */
function digit(line: Buffer, at: number): number {
  const value = (line[at] as number) - 0x30
  return value >= 0 && value <= 9 ? value : Number.NaN
}
