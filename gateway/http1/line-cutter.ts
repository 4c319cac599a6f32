import { Malformed } from './malformed.ts'
import { CR, LF } from './octets.ts'

const noBytes: Buffer = Buffer.alloc(0)

/** Cuts lines that end with CRLF out of bytes that come in any pieces, without a copy where one piece has it whole. */
export class LineCutter {
  /** The octets of the line from `start` to `end`, of which CRLF is no part. Of meaning only when `complete`. */
  bytes = noBytes
  start = 0
  end = 0
  complete = false
  /** With its CRLF, as far as it has come. */
  length = 0

  /** Takes bytes from `from` to the end of a line, or all. Returns how far. */
  take(bytes: Buffer, from: number): number {
    const goesOn = this.length > 0 && !this.complete
    const newline = endOfLine(bytes, from)
    const next = newline === -1 ? bytes.length : newline + 1
    if (goesOn) {
      this.bytes = Buffer.concat([this.bytes, bytes.subarray(from, next)])
      this.start = 0
    } else if (newline === -1) {
      this.bytes = bytes.subarray(from)
      this.start = 0
    } else {
      this.bytes = bytes
      this.start = from
    }
    this.length = (goesOn ? this.length : 0) + next - from
    this.complete = newline !== -1
    this.end = this.start + this.length - 2
    if (this.complete) this.#requireCr()
    return next
  }

  /**
   * RFC 9112 2.2 lets a recipient end a line with a bare LF. Not every one does, so that two could see two heads.
   * (Before a line that is LF alone stands the LF of another, or nothing.)
   */
  #requireCr(): void {
    if (this.bytes[this.end] !== CR) throw new Malformed('a line ends without CR')
  }
}

/** Most lines are shorter than a call into the engine is long. */
const near = 64

/** Where the next LF is, or -1. */
function endOfLine(bytes: Buffer, from: number): number {
  const far = Math.min(from + near, bytes.length)
  for (let at = from; at < far; at++) if (bytes[at] === LF) return at
  return bytes.indexOf(LF, far)
}
