import type { Duplex } from 'node:stream'
import { Malformed } from '../http1/malformed.ts'
import type { RawHeaders } from '../http1/raw-headers.ts'
import type { BackendFailure, BackendRequest, ResponseHandler, ResponseHead } from './client.ts'
import type { ResponseListener } from './response-listener.ts'
import { ResponseReader } from './response-reader.ts'
import { faultOfSwitch, websocketKey } from './websocket-accept.ts'

export interface RelayOwner {
  onInformed(): void
  onHeadRead(): void
  /** The response is whole. Said before its handler hears of it, who then finds the connection free again. */
  onResponseOver(connectionReusable: boolean): void
  /** A WebSocket was opened: gives the connection away. */
  handOver(): Duplex
  /** A BackendFailure if the response cannot be read, or what the handler threw. */
  onReadError(error: unknown): void
  /** What the handler threw when all was over. */
  onHandlerError(error: unknown): void
}

const noBytes: Buffer = Buffer.alloc(0)

/**
 * The way back of one exchange: from the bytes of a connection to the callbacks of a handler. Holds us to what
 * ResponseHandler promises: one last word and nothing after it, nothing while it is full, and no throw lost.
 */
export class ResponseRelay implements ResponseListener {
  readonly #handler: ResponseHandler
  readonly #owner: RelayOwner
  readonly #key: string | undefined
  readonly #reader: ResponseReader
  /** Whether any byte of a response has come. */
  begun = false
  headRead = false
  /** False from an onBody that returned false until `resume()`. */
  flowing = true
  /** Bytes that came, and that the handler was too full for. */
  #unread = noBytes
  #over = false

  constructor(request: BackendRequest, handler: ResponseHandler, owner: RelayOwner) {
    this.#handler = handler
    this.#owner = owner
    this.#key = request.upgrade && websocketKey(request.headers)
    this.#reader = new ResponseReader(request.method, request.upgrade !== undefined, this)
  }

  take(bytes: Buffer): void {
    this.begun = true
    try {
      const used = this.#reader.read(bytes)
      if (used < bytes.length) this.#unread = bytes.subarray(used)
    } catch (error) {
      this.#owner.onReadError(error)
    }
  }

  /** The handler takes more. */
  resume(): void {
    this.flowing = true
    const unread = this.#unread
    this.#unread = noBytes
    if (unread.length > 0) this.take(unread)
  }

  /** The backend ended the connection in order. */
  connectionEnded(): void {
    try {
      this.#reader.connectionEnded()
    } catch (error) {
      this.#owner.onReadError(error)
    }
  }

  fail(failure: BackendFailure): void {
    this.silence()
    this.#lastWord(() => this.#handler.onFailure(failure))
  }

  /** No callback comes any more. */
  silence(): void {
    this.#over = true
    this.#unread = noBytes
  }

  onInformation(head: ResponseHead): void {
    if (this.#over) return
    this.#owner.onInformed()
    this.#handler.onInformation(head)
  }

  onHead(head: ResponseHead): void {
    if (this.#over) return
    this.headRead = true
    this.#owner.onHeadRead()
    this.#handler.onHead(head)
  }

  onBody(part: Buffer): boolean {
    if (this.#over) return false
    this.flowing = false // before the handler is told, so that a resume() inside it is not lost
    if (this.#handler.onBody(part)) this.flowing = true
    return this.flowing
  }

  onEnd(trailers: RawHeaders): void {
    if (this.#over) return
    this.silence()
    this.#owner.onResponseOver(this.#reader.reusable)
    this.#lastWord(() => this.#handler.onEnd(trailers))
  }

  onSwitch(head: ResponseHead, rest: Buffer): void {
    if (this.#over) return
    const fault = faultOfSwitch(head, this.#key as string)
    if (fault !== undefined) throw new Malformed(fault)
    this.silence()
    const socket = this.#owner.handOver()
    const heard = this.#lastWord(() => this.#handler.onUpgrade(head, socket, rest))
    if (!heard) socket.destroy()
  }

  /** What is thrown here can be told to the handler no more. */
  #lastWord(say: () => void): boolean {
    try {
      say()
      return true
    } catch (error) {
      this.#owner.onHandlerError(error)
      return false
    }
  }
}
