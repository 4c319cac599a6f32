import { BodySender, type BodySenderUser } from './body-sender.ts'
import type { Dispatch, ResponseHandler, ResponseHead } from './client.ts'
import { BackendFailure, type BackendFailureCode, type BackendRequest } from './client.ts'
import type { Connection, ConnectionUser } from './connection.ts'
import type { Connections } from './connections.ts'
import { broken } from './head-lines.ts'
import type { RawHeaders } from './raw-headers.ts'
import { type ResponseListener, ResponseReader } from './response-reader.ts'
import { faultOfSwitch, websocketKey } from './websocket-accept.ts'

const noBytes: Buffer = Buffer.alloc(0)

export interface DispatchedOptions {
  readonly request: BackendRequest
  /** Of the request, as it goes over the wire. */
  readonly head: string
  readonly handler: ResponseHandler
  readonly connections: Connections
  readonly onHandlerError: (error: unknown) => void
}

/**
 * One request under way, and all that may happen to it: its connection, its response and its body all report here.
 * Methods instead of closures, as there is one of these for every request.
 */
export class Dispatched implements Dispatch, ConnectionUser, ResponseListener, BodySenderUser {
  readonly #options: DispatchedOptions
  readonly #key: string | undefined
  readonly #sender: BodySender | undefined
  #connection: Connection
  #reader: ResponseReader
  #headTimer: NodeJS.Timeout | undefined
  #requestSent = false
  #responseBegun = false
  #headRead = false
  /** False from an onBody that returned false until resume(). */
  #flowing = true
  #reading = false
  /** Read from the connection, but not by the reader yet. */
  #unread = noBytes
  #over = false

  constructor(options: DispatchedOptions) {
    const { request, connections } = options
    this.#options = options
    this.#key = request.upgrade && websocketKey(request.headers)
    this.#reader = this.#newReader()
    const { body } = request
    if (body.kind === 'stream') this.#sender = new BodySender(body.source, body.length, this)
    const resting = mayBeRepeated(request) ? connections.take(this) : undefined
    this.#connection = resting ?? connections.open(request.upgrade ? 'dedicated' : 'pooled', this)
    if (resting) this.#send()
  }

  resume(): void {
    if (this.#over || this.#flowing) return
    this.#flowing = true
    if (this.#reading) return // called inside onBody: the reader goes on by itself
    const unread = this.#unread
    this.#unread = noBytes
    // First the connection: were it still paused when it comes to rest, its end would not be noticed there.
    this.#connection.resume()
    if (unread.length > 0) this.onBytes(unread)
  }

  abort(): void {
    if (!this.#over) this.#finish(false)
  }

  // The connection's reports

  onConnected(): void {
    this.#send()
  }

  onBytes(bytes: Buffer): void {
    this.#responseBegun = true
    this.#reading = true
    try {
      const used = this.#reader.read(bytes)
      if (used < bytes.length) this.#unread = bytes.subarray(used)
    } catch (error) {
      this.#failWith(error)
    }
    this.#reading = false
    if (!this.#flowing && !this.#over) this.#connection.pause()
  }

  onDrained(): void {
    if (this.#requestSent) {
      this.#headTimer?.refresh()
      return
    }
    clearTimeout(this.#headTimer) // the next move is the source's
    this.#sender?.drained()
  }

  onEnded(): void {
    if (this.#isStale()) return this.#repeat()
    try {
      this.#reader.connectionEnded()
    } catch (error) {
      this.#failWith(error)
    }
  }

  onBroken(cause: Error): void {
    if (this.#isStale()) return this.#repeat()
    if (!this.#connection.connected) return this.#fail('backend-refused', cause.message, true, cause)
    this.#fail(this.#headRead ? 'backend-cut' : 'backend-reset', cause.message, false, cause)
  }

  // The request body's reports

  onBodySent(): void {
    this.#requestSent = true
    this.#awaitHead()
  }

  onBodyWaits(): void {
    this.#awaitHead()
  }

  onBodyCut(detail: string): void {
    this.#fail('request-cut', detail, !this.#connection.connected)
  }

  // The response's reports

  onInformation(head: ResponseHead): void {
    if (!this.#over) this.#options.handler.onInformation(head)
  }

  onHead(head: ResponseHead): void {
    if (this.#over) return
    this.#headRead = true
    clearTimeout(this.#headTimer)
    this.#options.handler.onHead(head)
  }

  onBody(part: Buffer): boolean {
    if (this.#over) return false
    this.#flowing = false // so that a resume() inside the handler is not lost
    if (this.#options.handler.onBody(part)) this.#flowing = true
    return this.#flowing && !this.#over
  }

  onEnd(trailers: RawHeaders): void {
    if (this.#over) return
    const mayRest = this.#reader.reusable && this.#requestSent && this.#connection.kind === 'pooled'
    this.#finish(mayRest)
    try {
      this.#options.handler.onEnd(trailers)
    } catch (error) {
      this.#options.onHandlerError(error)
    }
  }

  onSwitch(head: ResponseHead, rest: Buffer): void {
    if (this.#over) return
    const fault = faultOfSwitch(head, this.#key as string)
    if (fault !== undefined) throw broken(fault)
    const socket = this.#connection.handOver()
    this.#close()
    try {
      this.#options.handler.onUpgrade(head, socket, rest)
    } catch (error) {
      socket.destroy()
      this.#options.onHandlerError(error)
    }
  }

  #send(): void {
    const connection = this.#connection
    const { body } = this.#options.request
    connection.cork()
    connection.writeLatin1(this.#options.head)
    if (body.kind === 'bytes') connection.write(body.bytes)
    if (this.#sender) {
      this.#sender.start(connection)
      // What the source has at hand comes within this tick, and leaves together with the head.
      process.nextTick(() => connection.uncork())
      return
    }
    connection.uncork()
    this.onBodySent()
  }

  /** Whenever the next move is the backend's: the whole request is sent, or it takes no more of it. */
  #awaitHead(): void {
    clearTimeout(this.#headTimer)
    if (this.#headRead || this.#over) return
    this.#headTimer = setTimeout(tooSlow, this.#options.request.headTimeout, this)
  }

  headTooSlow(): void {
    this.#fail('backend-slow', 'the backend did not answer in time')
  }

  /**
   * A kept connection that the backend closed before it read our request. Only requests that change nothing and have
   * no body ever go over one, so that it can be said again, on a connection that is new.
   */
  #isStale(): boolean {
    return this.#connection.reused && !this.#responseBegun
  }

  #repeat(): void {
    clearTimeout(this.#headTimer)
    this.#requestSent = false
    this.#connection = this.#options.connections.open('pooled', this)
  }

  #failWith(error: unknown): void {
    if (error instanceof BackendFailure) return this.#fail(error.code, error.message)
    this.#fail('backend-broken', 'the handler of the response failed', false, error)
    this.#options.onHandlerError(error)
  }

  #fail(code: BackendFailureCode, detail: string, nothingSent = false, cause?: unknown): void {
    if (this.#over) return
    this.#finish(false)
    const failure = new BackendFailure(code, detail, nothingSent)
    if (cause !== undefined) failure.cause = cause
    try {
      this.#options.handler.onFailure(failure)
    } catch (error) {
      this.#options.onHandlerError(error)
    }
  }

  #finish(mayRest: boolean): void {
    this.#close()
    if (mayRest) this.#options.connections.giveBack(this.#connection)
    else this.#connection.destroy()
  }

  /** No callback comes after this. */
  #close(): void {
    this.#over = true
    clearTimeout(this.#headTimer)
    this.#sender?.stop()
  }

  #newReader(): ResponseReader {
    const { method, upgrade } = this.#options.request
    return new ResponseReader(method, upgrade !== undefined, this)
  }
}

function tooSlow(dispatched: Dispatched): void {
  dispatched.headTooSlow()
}

/**
 * Only such a request takes a connection that has been used before. The backend may be closing that one at this very
 * moment, and then nobody can tell whether it has heard the request: a GET we say again, a POST we could not. So a
 * POST always pays for a connection of its own, whose failure can only be the backend's.
 */
function mayBeRepeated({ method, body, upgrade }: BackendRequest): boolean {
  if (body.kind !== 'none' || upgrade !== undefined) return false
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}
