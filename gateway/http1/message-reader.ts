import { ChunkLines } from './chunk-lines.ts'
import { parseFieldLine } from './field-line.ts'
import { LineCutter } from './line-cutter.ts'
import { Malformed } from './malformed.ts'
import { CR, LF } from './octets.ts'
import type { RawHeaders } from './raw-headers.ts'
import { Texts } from './texts.ts'

export interface HeadLimits {
  /** Bytes of a head, with the interim ones before it, and again of the trailers. */
  readonly headBytes: number
  /** Fields of a head, and again of the trailers. */
  readonly fields: number
}

/** Of one chunk's first line. */
const maxChunkLineBytes = 4 * 1024

const noBytes: Buffer = Buffer.alloc(0)
const noTrailers: RawHeaders = []

/**
 *       ┌── interim ──┐       ┌→ sized-body ─────────────────────────────┐
 *       ↓             │       ├→ body-to-close ── endsHere() ────────────┤
 *  start-line → field-line ───┼→ chunk-line ┬→ trailer-line ─────────────┼→ over
 *                             │     ↑       └→ chunk-data → -cr → -lf ┐  │
 *                             │     └─────────────────────────────────┘  │
 *                             └──────────── no body ─────────────────────┘
 */
type State =
  | 'start-line'
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
  interim: 'start-line',
  none: 'over',
  sized: 'sized-body',
  chunked: 'chunk-line',
  'to-close': 'body-to-close',
} as const satisfies { [form: string]: State }

/** How the end of a message is found. */
export type BodyForm = keyof typeof firstStateOf

/**
 * What the readers of requests and of responses have in common: bytes in, events out, split anywhere. What could be
 * read in two ways (RFC 9112) is refused by throwing Malformed; what a listener throws passes through. After a throw
 * a reader is of no use.
 */
export abstract class MessageReader {
  readonly #limits: HeadLimits
  #state: State = 'start-line'
  /** The bytes of the `read` under way, and how many of them are used. */
  #bytes = noBytes
  #at = 0
  readonly #lines = new LineCutter()
  readonly #texts = new Texts()
  #chunks: ChunkLines | undefined
  #fields: string[] = []
  #headBytes = 0
  /** Bytes of the body, or of the chunk, that are still to come. */
  #remaining = 0

  constructor(limits: HeadLimits) {
    this.#limits = limits
  }

  /** The first line, which is octets from `start` to `end` without CRLF. False: it was none, the next one is. */
  protected abstract onStartLine(line: Buffer, start: number, end: number): boolean
  /** Of a first line have come as many bytes, but not its end. */
  protected abstract onPartOfStartLine(length: number): void
  /** Tells of the head, after it has called `expect`. */
  protected abstract onFields(fields: RawHeaders): void
  /** A view of the bytes given to `read`. False: no more until `read` is called again. */
  protected abstract onPart(part: Buffer): boolean
  protected abstract onOver(trailers: RawHeaders): void

  /**
   * Takes bytes, which must not change afterwards: body parts are views of them. Returns how many were used; fewer
   * than given if the message is over, or if its listener wants no more for now.
   */
  read(bytes: Buffer): number {
    this.#bytes = bytes
    this.#at = 0
    let more = true
    while (more && this.#at < bytes.length && this.#state !== 'over') more = this.#step()
    this.#bytes = noBytes
    this.#texts.forget()
    return this.#at
  }

  get over(): boolean {
    return this.#state === 'over'
  }

  /** What follows the head that has just been read. */
  protected expect(form: BodyForm, length: number | undefined): void {
    this.#state = firstStateOf[form]
    this.#remaining = length ?? 0
  }

  /** The connection ended in order. Whether that was the end of the message. */
  protected endsHere(): boolean {
    if (this.#state === 'body-to-close') this.#end(noTrailers)
    return this.over
  }

  /** Ready for the next message of the connection. */
  protected again(): void {
    this.#state = 'start-line'
    this.#headBytes = 0
    this.#chunks = undefined
  }

  /** Bytes of the `read` under way that stand behind what has been read. */
  protected get bytesBehind(): number {
    return this.#bytes.length - this.#at
  }

  protected takeBytesBehind(): Buffer {
    const rest = this.#bytes.subarray(this.#at)
    this.#at = this.#bytes.length
    return rest
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
        return this.#expectOctet(CR, 'chunk-lf')
      case 'chunk-lf':
        return this.#expectOctet(LF, 'chunk-line')
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
    const more = this.onPart(part)
    if (this.#state === 'over') this.#end(noTrailers)
    return more
  }

  #expectOctet(octet: number, then: State): true {
    if (this.#bytes[this.#at++] !== octet) throw new Malformed('a chunk is not as long as its size')
    this.#state = then
    return true
  }

  #takeLine(): void {
    const line = this.#lines
    const start = this.#at
    this.#at = line.take(this.#bytes, start)
    this.#bound(this.#at - start)
    if (line.complete) this.#line(line.bytes, line.start, line.end)
    else if (this.#state === 'start-line') this.onPartOfStartLine(line.length)
  }

  #bound(newBytes: number): void {
    if (this.#state === 'chunk-line') {
      if (this.#lines.length > maxChunkLineBytes) throw new Malformed('the first line of a chunk is too long')
      return
    }
    const { headBytes } = this.#limits
    this.#headBytes += newBytes
    if (this.#headBytes > headBytes)
      throw new Malformed(`the head or the trailers are longer than ${headBytes} bytes`, 'head-too-large')
  }

  #line(line: Buffer, start: number, end: number): void {
    if (this.#state === 'chunk-line') return this.#chunk(line, start, end)
    if (this.#state === 'start-line') {
      if (this.onStartLine(line, start, end)) this.#state = 'field-line'
      return
    }
    if (start < end) return this.#field(line, start, end)
    const fields = this.#fields
    this.#fields = []
    if (this.#state === 'trailer-line') return this.#end(fields)
    this.onFields(fields)
    if (this.over) this.#end(noTrailers)
  }

  #field(line: Buffer, start: number, end: number): void {
    parseFieldLine(line, start, end, this.#fields, this.#texts)
    const { fields } = this.#limits
    if (this.#fields.length > 2 * fields) throw new Malformed(`there are more than ${fields} fields`, 'head-too-large')
  }

  #chunk(line: Buffer, start: number, end: number): void {
    this.#chunks ??= new ChunkLines()
    this.#remaining = this.#chunks.size(line, start, end)
    this.#state = this.#remaining === 0 ? 'trailer-line' : 'chunk-data'
    if (this.#remaining === 0) this.#headBytes = 0
  }

  #end(trailers: RawHeaders): void {
    this.#state = 'over'
    this.#remaining = 0
    this.onOver(trailers)
  }
}
