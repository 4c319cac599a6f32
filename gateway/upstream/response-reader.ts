import { parseChunkLine } from './chunk-line.ts'
import { BackendFailure, type ResponseHead } from './client.ts'
import { type Framing, framingOf } from './framing.ts'
import { broken, parseFieldLine, parseStatusLine, type StatusLine } from './head-lines.ts'
import { CR, LF } from './octets.ts'
import type { RawHeaders } from './raw-headers.ts'

/** Who is told of one response, in this order. */
export interface ResponseListener {
  onInformation(head: ResponseHead): void
  onHead(head: ResponseHead): void
  /** A view of the bytes given to `read`. False: the reader takes no more until `read` is called again. */
  onBody(part: Buffer): boolean
  onEnd(trailers: RawHeaders): void
  /** A 101 that was asked for; `rest` are the bytes behind it, no longer HTTP. */
  onSwitch(head: ResponseHead, rest: Buffer): void
}

/** Of a head, with the 1xx heads before it, and again of the trailers. */
const maxHeadBytes = 64 * 1024
/** No backend has that much to say beforehand; unbounded, a flood of 100s would be a response without end. */
const maxInterimHeads = 16
/** Of one chunk's first line, most of it extension: nobody uses those but to give a reader work. */
const maxChunkLineBytes = 4 * 1024
/** Of all chunk lines of a body, not counting the 16 digits each may need (CVE-2024-22019). */
const maxExtensionBytes = 16 * 1024

const noBytes: Buffer = Buffer.alloc(0)
const noTrailers: RawHeaders = []

/**
 *      ┌──── 1xx ────┐       ┌→ sized-body ─────────────────────────────┐
 *      ↓             │       ├→ body-to-close ── connectionEnded() ─────┤
 * status-line → field-line ──┼→ chunk-line ┬→ trailer-line ─────────────┼→ over
 *                            │     ↑       └→ chunk-data → -cr → -lf ┐  │
 *                            │     └─────────────────────────────────┘  │
 *                            └──────────── no body ─────────────────────┘
 */
type State =
  | 'status-line'
  | 'field-line'
  | 'sized-body'
  | 'body-to-close'
  | 'chunk-line'
  | 'chunk-data'
  | 'chunk-cr'
  | 'chunk-lf'
  | 'trailer-line'
  | 'over'

const firstStateOf = {
  none: 'over',
  sized: 'sized-body',
  chunked: 'chunk-line',
  'to-close': 'body-to-close',
} as const satisfies { [body in Framing['body']]: State }

/**
 * Reads one response: bytes in, events out, split anywhere. What could be read in two ways (RFC 9112) it refuses by
 * throwing BackendFailure 'backend-broken'; what its listener throws passes through. After a throw it is of no use.
 */
export class ResponseReader {
  readonly #method: string
  readonly #mayUpgrade: boolean
  readonly #listener: ResponseListener

  #state: State = 'status-line'
  /** The bytes of the `read` under way, and how many of them are used. */
  #bytes = noBytes
  #at = 0
  /** The beginning of a line whose end has not come yet. */
  #held = noBytes
  #statusLine: StatusLine | undefined
  #fields: string[] = []
  #headBytes = 0
  #interimHeads = 0
  #extensionBytes = 0
  /** Bytes of the body, or of the chunk, that are still to come. */
  #remaining = 0
  #persistent = false
  #headRead = false

  /** Whether the connection may carry another response; not before this one is over. */
  reusable = false

  constructor(method: string, mayUpgrade: boolean, listener: ResponseListener) {
    this.#method = method
    this.#mayUpgrade = mayUpgrade
    this.#listener = listener
  }

  /**
   * Takes bytes, which must not change afterwards: body parts are views of them. Returns how many were used; fewer
   * than given if the response is over, or if its listener wants no more for now.
   */
  read(bytes: Buffer): number {
    this.#bytes = bytes
    this.#at = 0
    let more = true
    while (more && this.#at < bytes.length && this.#state !== 'over') more = this.#step()
    this.#bytes = noBytes
    return this.#at
  }

  /** The backend ended the connection in order: the end of a body without length, and a cut through all else. */
  connectionEnded(): void {
    if (this.#state === 'over') return
    if (this.#state === 'body-to-close') return this.#end(noTrailers)
    if (this.#headRead) throw new BackendFailure('backend-cut', 'the connection ended inside the body', false)
    throw new BackendFailure('backend-reset', 'the connection ended before the response head', false)
  }

  #step(): boolean {
    switch (this.#state) {
      case 'sized-body':
        return this.#body('over')
      case 'chunk-data':
        return this.#body('chunk-cr')
      case 'body-to-close':
        this.#remaining = this.#bytes.length
        return this.#body('body-to-close')
      case 'chunk-cr':
        return this.#expect(CR, 'chunk-lf')
      case 'chunk-lf':
        return this.#expect(LF, 'chunk-line')
      default:
        this.#takeLine()
        return true
    }
  }

  #body(then: State): boolean {
    const part = this.#bytes.subarray(this.#at, this.#at + this.#remaining)
    this.#at += part.length
    this.#remaining -= part.length
    if (this.#remaining === 0) this.#state = then
    const more = this.#listener.onBody(part)
    if (this.#state === 'over') this.#end(noTrailers)
    return more
  }

  #expect(octet: number, then: State): true {
    if (this.#bytes[this.#at++] !== octet) throw broken('a chunk is not as long as its size')
    this.#state = then
    return true
  }

  #takeLine(): void {
    const start = this.#at
    const newline = this.#bytes.indexOf(LF, start)
    this.#at = newline === -1 ? this.#bytes.length : newline + 1
    this.#boundLine(this.#at - start)
    if (newline !== -1 && this.#held.length === 0) return this.#line(this.#bytes, start, newline)

    const part = this.#bytes.subarray(start, this.#at)
    const line = this.#held.length === 0 ? part : Buffer.concat([this.#held, part])
    this.#held = newline === -1 ? line : noBytes
    if (newline !== -1) this.#line(line, 0, line.length - 1)
  }

  #boundLine(bytes: number): void {
    if (this.#state === 'chunk-line') {
      if (this.#held.length + bytes > maxChunkLineBytes) throw broken('the first line of a chunk is too long')
      return
    }
    this.#headBytes += bytes
    if (this.#headBytes > maxHeadBytes) throw broken('the head or the trailers are longer than 64 KiB')
  }

  #line(line: Buffer, start: number, newline: number): void {
    const end = newline - 1
    // RFC 9112 2.2 lets a recipient take a bare LF as the end of a line. Not all do, so that two would see two heads.
    if (end < start || line[end] !== CR) throw broken('a line ends without CR')
    if (this.#state === 'chunk-line') return this.#chunk(line, start, end)
    if (this.#state === 'status-line') {
      this.#statusLine = parseStatusLine(line, start, end)
      this.#state = 'field-line'
      return
    }
    if (start < end) return parseFieldLine(line, start, end, this.#fields)
    if (this.#state === 'trailer-line') this.#end(this.#fields)
    else this.#head(this.#statusLine as StatusLine)
  }

  #head(line: StatusLine): void {
    const { body, length, persistent } = framingOf(line, this.#fields, this.#method)
    const head: ResponseHead = { status: line.status, reason: line.reason, headers: this.#fields, length }
    this.#fields = []
    if (line.status < 200) return this.#interimHead(head)

    this.#headRead = true
    this.#persistent = persistent
    this.#remaining = length ?? 0
    this.#state = firstStateOf[body]
    this.#listener.onHead(head)
    if (body === 'none') this.#end(noTrailers)
  }

  #interimHead(head: ResponseHead): void {
    if (head.status === 101) {
      if (!this.#mayUpgrade) throw broken('it switches protocols (101), which nobody asked for')
      this.#state = 'over'
      const rest = this.#bytes.subarray(this.#at)
      this.#at = this.#bytes.length
      return this.#listener.onSwitch(head, rest)
    }
    if (++this.#interimHeads > maxInterimHeads) throw broken('there are too many 1xx responses')
    this.#state = 'status-line'
    this.#listener.onInformation(head)
  }

  #chunk(line: Buffer, start: number, end: number): void {
    this.#extensionBytes += Math.max(0, end - start - 16)
    if (this.#extensionBytes > maxExtensionBytes) throw broken('there are too many chunk extensions')
    this.#remaining = parseChunkLine(line, start, end)
    this.#state = this.#remaining === 0 ? 'trailer-line' : 'chunk-data'
    if (this.#remaining === 0) this.#headBytes = 0
  }

  /**
   * Bytes behind the response are the answer to a question that nobody asked, and must not meet the next one: such a
   * connection is of no more use.
   */
  #end(trailers: RawHeaders): void {
    this.#state = 'over'
    this.#remaining = 0
    this.reusable = this.#persistent && this.#at === this.#bytes.length
    this.#listener.onEnd(trailers)
  }
}
