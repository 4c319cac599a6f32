import { Malformed } from './malformed.ts'
import { hexValue, SEMICOLON } from './octets.ts'

/** Enough for 2^53, and for those who pad with zeros a little. */
const maxDigits = 16
/** Of one body. Extensions have no use but to give a reader work: a line of them for each octet (CVE-2024-22019). */
const maxExtensionBytes = 16 * 1024

/** The first lines of a body's chunks, `1*HEXDIG [;extension]` (RFC 9112 section 7.1). */
export class ChunkLines {
  #extensionBytes = 0

  /**
   * The size in a line, which is octets from `start` to `end` without CRLF. No sign, no 0x, no space: Number.parseInt
   * would take all three. Extensions are skipped, but must be some: what is none ends the line, or the whole message, for some
   * programs.
   */
  size(line: Buffer, start: number, end: number): number {
    let size = 0
    let at = start
    for (; at < end; at++) {
      const value = hexValue[line[at] as number] as number
      if (value === 16) break
      size = size * 16 + value
    }
    if (at === start) throw new Malformed('a chunk has no size')
    if (at - start > maxDigits || !Number.isSafeInteger(size)) throw new Malformed('a chunk size is too large')
    if (at < end) this.#skipExtension(line, at, end)
    return size
  }

  #skipExtension(line: Buffer, start: number, end: number): void {
    if (line[start] !== SEMICOLON) throw new Malformed('a chunk size is followed by what is no extension')
    this.#extensionBytes += end - start
    if (this.#extensionBytes > maxExtensionBytes) throw new Malformed('there are too many chunk extensions')
    if (!extensions.test(line.toString('latin1', start, end))) throw new Malformed('a chunk extension is malformed')
  }
}

/** `*( ; name [ = ( token / quoted-string ) ] )`, without the bad whitespace that RFC 9112 7.1.1 lets a recipient take. */
const extensions =
  /^(?:;[\w!#$%&'*+\-.^`|~]+(?:=(?:[\w!#$%&'*+\-.^`|~]+|"(?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"))?)+$/
