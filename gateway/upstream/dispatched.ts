import type { Duplex } from 'node:stream'
import { header } from '../http1/raw-headers.ts'
import { BodySender, type BodySenderUser } from './body-sender.ts'
import type { Dispatch, ResponseHandler } from './client.ts'
import { BackendFailure, type BackendFailureCode, type BackendRequest } from './client.ts'
import type { Connection, ConnectionUser } from './connection.ts'
import type { Connections } from './connections.ts'
import { type RelayOwner, ResponseRelay } from './response-relay.ts'

export interface DispatchedOptions {
  readonly request: BackendRequest
  /** Of the request, as it goes over the wire. */
  readonly head: string
  readonly handler: ResponseHandler
  readonly connections: Connections
  readonly onHandlerError: (error: unknown) => void
}

/**
 * One request under way: finds a connection, sends, waits for the head as long as it may, and decides what becomes of
 * the connection. Its parts report to it by methods: closures would be made anew for every request.
 */
export class Dispatched implements Dispatch, ConnectionUser, BodySenderUser, RelayOwner {
  readonly #options: DispatchedOptions
  readonly #relay: ResponseRelay
  readonly #sender: BodySender | undefined
  #connection: Connection
  #headTimer: NodeJS.Timeout | undefined
  #requestSent = false
  /** Whether the body may be held back until the backend has said 100, whose move it is then. */
  #expects = false
  #over = false

  constructor(options: DispatchedOptions) {
    const { request, handler, connections } = options
    this.#options = options
    this.#relay = new ResponseRelay(request, handler, this)
    const { body } = request
    if (body.kind === 'stream') this.#sender = new BodySender(body, this)
    const rested = mayBeRepeated(request) ? connections.take(this) : undefined
    this.#connection = rested ?? connections.open(request.upgrade ? 'dedicated' : 'pooled', this)
    if (rested) this.#send()
  }

  resume(): void {
    if (this.#over || this.#relay.flowing) return
    // First the connection: were it still paused when it comes to rest, its end would not be noticed there.
    this.#connection.resume()
    this.#relay.resume()
    this.#pauseIfFull()
  }

  abort(): void {
    if (!this.#over) this.#finish(false)
  }

  // What the connection reports

  onConnected(): void {
    this.#send()
  }

  onBytes(bytes: Buffer): void {
    this.#relay.take(bytes)
    this.#pauseIfFull()
  }

  onDrained(): void {
    if (this.#requestSent) return this.#awaitHead() // the last byte has gone out only now
    if (!this.#expects) this.#stopWaiting() // the next move is the source's
    this.#sender?.drained()
  }

  onEnded(): void {
    if (this.#isStale()) return this.#repeat()
    this.#relay.connectionEnded()
  }

  onBroken(cause: Error): void {
    if (this.#isStale()) return this.#repeat()
    if (!this.#connection.connected) return this.#fail('backend-refused', cause.message, true, cause)
    this.#fail(this.#relay.headRead ? 'backend-cut' : 'backend-reset', cause.message)
  }

  // What the request's body reports

  onBodyBegun(): void {
    this.#expectsNoMore()
  }

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

  onBodyTooLarge(): void {
    this.#fail('body-too-large', 'the body is longer than it may be')
  }

  // What the response reports

  onInformed(): void {
    this.#expectsNoMore()
  }

  onHeadRead(): void {
    this.#stopWaiting()
  }

  onResponseOver(connectionReusable: boolean): void {
    // A backend that answers before it has heard all may take the rest of the body for its next request.
    this.#finish(connectionReusable && this.#requestSent && this.#connection.kind === 'pooled')
  }

  handOver(): Duplex {
    this.#release()
    return this.#connection.handOver()
  }

  onReadError(error: unknown): void {
    if (error instanceof BackendFailure) return this.#fail(error.code, error.message)
    this.#fail('backend-broken', 'the handler of the response failed', false, error)
    this.onHandlerError(error)
  }

  onHandlerError(error: unknown): void {
    this.#options.onHandlerError(error)
  }

  #send(): void {
    const connection = this.#connection
    const { request, head } = this.#options
    const { body } = request
    if (body.kind === 'none') {
      connection.writeLatin1(head)
      return this.onBodySent()
    }
    connection.cork()
    connection.writeLatin1(head)
    if (this.#sender) {
      this.#expects = header(request.headers, 'expect') !== undefined
      if (this.#expects) this.#awaitHead()
      this.#sender.start(connection)
      // What the source has at hand comes within this tick, and leaves together with the head.
      process.nextTick(() => connection.uncork())
      return
    }
    if (body.kind === 'bytes') connection.write(body.bytes)
    connection.uncork()
    this.onBodySent()
  }

  #expectsNoMore(): void {
    if (!this.#expects) return
    this.#expects = false
    this.#stopWaiting()
  }

  #pauseIfFull(): void {
    if (!this.#relay.flowing && !this.#over) this.#connection.pause()
  }

  /** Begins whenever the next move is the backend's: the whole request is sent, or it takes no more of it. */
  #awaitHead(): void {
    this.#stopWaiting()
    if (this.#relay.headRead || this.#over) return
    this.#headTimer = setTimeout(this.#onTooSlow, this.#options.request.headTimeout)
  }

  #onTooSlow = (): void => void setImmediate(this.#giveUp, this.#headTimer)

  /** What came while this process itself stood still is read before: then nobody was slow. */
  #giveUp = (timer: NodeJS.Timeout | undefined): void => {
    if (timer === this.#headTimer) this.#fail('backend-slow', 'the backend did not answer in time')
  }

  #stopWaiting(): void {
    clearTimeout(this.#headTimer)
    this.#headTimer = undefined
  }

  /**
   * A kept connection that the backend closed before it read our request. Only requests that change nothing and have
   * no body ever go over one, so that it can be said again, on a connection that is new.
   */
  #isStale(): boolean {
    return this.#connection.reused && !this.#relay.begun
  }

  #repeat(): void {
    this.#stopWaiting()
    this.#requestSent = false
    this.#connection = this.#options.connections.open('pooled', this)
  }

  #fail(code: BackendFailureCode, detail: string, nothingSent = false, cause?: unknown): void {
    if (this.#over) return
    this.#finish(false)
    const failure = new BackendFailure(code, detail, nothingSent)
    if (cause !== undefined) failure.cause = cause
    this.#relay.fail(failure)
  }

  #finish(connectionMayRest: boolean): void {
    this.#release()
    if (connectionMayRest) this.#options.connections.giveBack(this.#connection)
    else this.#connection.destroy()
  }

  #release(): void {
    this.#over = true
    this.#relay.silence()
    this.#stopWaiting()
    this.#sender?.stop()
  }
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
