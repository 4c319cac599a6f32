import { Malformed } from './malformed.ts'
import { COLON, HTAB, isTextOctet, isTokenOctet, SP } from './octets.ts'
import type { Texts } from './texts.ts'

/**
 * One field line (RFC 9112 section 5), given as octets from `start` to `end` without CRLF: its name and trimmed value
 * are appended to `fields`. Refused is what some other program would read differently: a bare CR or NUL in a value, a
 * space before the colon, a folded line, an empty name.
 */
export function parseFieldLine(line: Buffer, start: number, end: number, fields: string[], texts: Texts): void {
  let colon = start
  while (colon < end && isTokenOctet[line[colon] as number] === 1) colon++
  // A fold begins with a space, which is no token: it is refused as an empty name.
  if (colon === start) throw new Malformed('a field has no name, or is folded')
  if (colon === end || line[colon] !== COLON)
    throw new Malformed('a field name holds or is followed by what is no token')

  let from = colon + 1
  let to = end
  while (from < to && isBlank(line[from] as number)) from++
  while (to > from && isBlank(line[to - 1] as number)) to--
  requireText(line, from, to, 'a field value')
  fields.push(texts.of(line, start, colon), texts.of(line, from, to))
}

export function requireText(line: Buffer, from: number, to: number, what: string): void {
  for (let i = from; i < to; i++) {
    if (isTextOctet[line[i] as number] === 0) throw new Malformed(`${what} holds a control character`)
  }
}

export function isBlank(octet: number): boolean {
  return octet === SP || octet === HTAB
}
