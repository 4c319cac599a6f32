import { Malformed } from '../http1/malformed.ts'
import { MessageReader } from '../http1/message-reader.ts'
import type { RawHeaders } from '../http1/raw-headers.ts'
import { BackendFailure, type ResponseHead } from './client.ts'
import { framingOf } from './framing.ts'
import type { ResponseListener } from './response-listener.ts'
import { parseStatusLine, type StatusLine } from './status-line.ts'

/** The bytes count for a head with the 1xx heads before it. Python's servers send few fields; no browser minds many. */
const limits = { headBytes: 64 * 1024, fields: 1_000 }
/** No backend has that much to say beforehand; unbounded, a flood of 100s would be a response without end. */
const maxInterimHeads = 16

/** Reads one response. What it refuses it throws as BackendFailure 'backend-broken'. */
export class ResponseReader extends MessageReader {
  readonly #method: string
  readonly #mayUpgrade: boolean
  readonly #listener: ResponseListener
  #statusLine!: StatusLine
  #interimHeads = 0
  #persistent = false
  #headRead = false
  /** The 101 that ends HTTP on this connection. */
  #switch: ResponseHead | undefined

  /** Whether the connection may carry another response; not before this one is over. */
  reusable = false

  constructor(method: string, mayUpgrade: boolean, listener: ResponseListener) {
    super(limits)
    this.#method = method
    this.#mayUpgrade = mayUpgrade
    this.#listener = listener
  }

  override read(bytes: Buffer): number {
    try {
      return super.read(bytes)
    } catch (error) {
      throw error instanceof Malformed ? new BackendFailure('backend-broken', error.message, false) : error
    }
  }

  /** The backend ended the connection in order: the end of a body without length, and a cut through all else. */
  connectionEnded(): void {
    if (this.endsHere()) return
    if (this.#headRead) throw new BackendFailure('backend-cut', 'the connection ended inside the body', false)
    throw new BackendFailure('backend-reset', 'the connection ended before the response head', false)
  }

  protected onStartLine(line: Buffer, start: number, end: number): boolean {
    this.#statusLine = parseStatusLine(line, start, end)
    return true
  }

  protected onPartOfStartLine(): void {}

  protected onFields(headers: RawHeaders): void {
    const { status, reason } = this.#statusLine
    const { body, length, persistent } = framingOf(this.#statusLine, headers, this.#method)
    const head: ResponseHead = { status, reason, headers, length }
    this.expect(body, length)
    if (status < 200) return this.#interimHead(head)
    this.#headRead = true
    this.#persistent = persistent
    this.#listener.onHead(head)
  }

  protected onPart(part: Buffer): boolean {
    return this.#listener.onBody(part)
  }

  /**
   * Bytes behind the response are the answer to a question that nobody asked, and must not meet the next one: such a
   * connection is of no more use.
   */
  protected onOver(trailers: RawHeaders): void {
    if (this.#switch) return this.#listener.onSwitch(this.#switch, this.takeBytesBehind())
    this.reusable = this.#persistent && this.bytesBehind === 0
    this.#listener.onEnd(trailers)
  }

  #interimHead(head: ResponseHead): void {
    if (head.status !== 101) {
      if (++this.#interimHeads > maxInterimHeads) throw new Malformed('there are too many 1xx responses')
      return this.#listener.onInformation(head)
    }
    if (!this.#mayUpgrade) throw new Malformed('it switches protocols (101), which nobody asked for')
    this.#switch = head
  }
}
