import { framingFields } from '../http1/framing-fields.ts'
import { Malformed } from '../http1/malformed.ts'
import { MessageReader } from '../http1/message-reader.ts'
import type { RawHeaders } from '../http1/raw-headers.ts'
import { parseRequestLine, type RequestLine } from './request-line.ts'

export interface RequestLimits {
  /** Bytes of a request's head, its target included, and again of its trailers. */
  readonly headBytes: number
  /** Fields of a head, and again of the trailers. */
  readonly fields: number
  readonly targetBytes: number
}

/** A request as its head tells it. */
export interface ReadRequest extends RequestLine {
  readonly headers: RawHeaders
  /** Bytes of the body, undefined if only the end will tell, 0 if there is none. */
  readonly length: number | undefined
  /** Whether the client would send another request on this connection. */
  readonly persistent: boolean
}

/** Who is told of requests, one after the other. */
export interface RequestListener {
  onHead(request: ReadRequest): void
  /** A view of the bytes given to `read`. False: the reader takes no more until `read` is called again. */
  onBody(part: Buffer): boolean
  /** The request is whole; its trailers are of no use here. The reader takes no more until `next()`. */
  onEnd(): void
}

const notInTrailers = /^(?:transfer-encoding|content-length|connection)$/i

/** Room in a first line beside its target. */
const aroundTarget = 64

/** Reads the requests of a connection. Throws Malformed. */
export class RequestReader extends MessageReader {
  readonly #limits: RequestLimits
  readonly #listener: RequestListener
  #line!: RequestLine
  #emptyLines = 0

  constructor(limits: RequestLimits, listener: RequestListener) {
    super(limits)
    this.#limits = limits
    this.#listener = listener
  }

  /** After the end of one request: its follower may be read. */
  next(): void {
    this.#emptyLines = 0
    this.again()
  }

  protected onStartLine(line: Buffer, start: number, end: number): boolean {
    if (start === end) {
      // Some old clients end a body with a line that belongs to nothing (RFC 9112 2.2). One of them.
      if (++this.#emptyLines > 1) throw new Malformed('there are empty lines before the request')
      return false
    }
    this.#line = parseRequestLine(line, start, end, this.#limits.targetBytes)
    return true
  }

  protected onPartOfStartLine(length: number): void {
    if (length > this.#limits.targetBytes + aroundTarget)
      throw new Malformed('the first line has no end', 'target-too-long')
  }

  protected onFields(headers: RawHeaders): void {
    const { method, target, minorVersion } = this.#line
    const { chunked, length: announced, persistent } = framingFields(minorVersion, headers)
    const length = chunked ? undefined : (announced ?? 0)
    this.expect(chunked ? 'chunked' : length === 0 ? 'none' : 'sized', length)
    this.#listener.onHead({ method, target, minorVersion, headers, length, persistent })
  }

  protected onPart(part: Buffer): boolean {
    return this.#listener.onBody(part)
  }

  protected onOver(trailers: RawHeaders): void {
    // They go nowhere; but some readers would end the message or the connection by these (RFC 9110 6.5.1).
    for (let i = 0; i < trailers.length; i += 2) {
      if (notInTrailers.test(trailers[i] as string))
        throw new Malformed('the trailers say how the message is to be read')
    }
    this.#listener.onEnd()
  }
}
