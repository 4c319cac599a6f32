import { ChunkLines } from './chunk-lines.ts'
import { BackendFailure, type ResponseHead } from './client.ts'
import { type Framing, framingOf } from './framing.ts'
import { broken, parseFieldLine, parseStatusLine, type StatusLine } from './head-lines.ts'
import { LineCutter } from './line-cutter.ts'
import { CR, LF } from './octets.ts'
import type { RawHeaders } from './raw-headers.ts'
import type { ResponseListener } from './response-listener.ts'

/** Of a head, with the 1xx heads before it, and again of the trailers. */
const maxHeadBytes = 64 * 1024
/** No backend has that much to say beforehand; unbounded, a flood of 100s would be a response without end. */
const maxInterimHeads = 16
/** Of one chunk's first line. */
const maxChunkLineBytes = 4 * 1024

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
  readonly #lines = new LineCutter()
  readonly #chunks = new ChunkLines()
  #statusLine: StatusLine | undefined
  #fields: string[] = []
  #headBytes = 0
  #interimHeads = 0
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
    const line = this.#lines
    const start = this.#at
    this.#at = line.take(this.#bytes, start)
    this.#bound(this.#at - start)
    if (line.complete) this.#line(line.bytes, line.start, line.end)
  }

  #bound(newBytes: number): void {
    if (this.#state === 'chunk-line') {
      if (this.#lines.length > maxChunkLineBytes) throw broken('the first line of a chunk is too long')
      return
    }
    this.#headBytes += newBytes
    if (this.#headBytes > maxHeadBytes) throw broken('the head or the trailers are longer than 64 KiB')
  }

  #line(line: Buffer, start: number, end: number): void {
    if (this.#state === 'chunk-line') return this.#chunk(this.#chunks.size(line, start, end))
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

  #chunk(size: number): void {
    this.#remaining = size
    this.#state = size === 0 ? 'trailer-line' : 'chunk-data'
    if (size === 0) this.#headBytes = 0
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
