import type { RawHeaders } from '../http1/raw-headers.ts'
import type { BackendClient, Dispatch, ResponseHandler, ResponseHead } from './client.ts'
import { BackendFailure } from './client.ts'

export interface AskRequest {
  readonly method: string
  readonly target: string
  readonly headers: RawHeaders
  readonly body?: Buffer
}

export interface AskOptions {
  /** Bytes of body that are worth having. */
  readonly limit: number
  /** Milliseconds from now to the last byte of the answer. */
  readonly timeout: number
  readonly signal?: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly reason: string
  readonly headers: RawHeaders
  readonly body: Buffer
}

/** A request whose answer is wanted whole. Rejects with BackendFailure, or with the signal's reason. */
export function ask(client: BackendClient, request: AskRequest, options: AskOptions): Promise<Answer> {
  return new Promise((resolve, reject) => new Asking(client, request, options, resolve, reject))
}

class Asking implements ResponseHandler {
  readonly #options: AskOptions
  readonly #resolve: (answer: Answer) => void
  readonly #reject: (reason: unknown) => void
  readonly #dispatch: Dispatch
  readonly #timer: NodeJS.Timeout
  readonly #parts: Buffer[] = []
  #bytes = 0
  #head: ResponseHead | undefined

  constructor(
    client: BackendClient,
    { body, ...request }: AskRequest,
    options: AskOptions,
    resolve: (answer: Answer) => void,
    reject: (reason: unknown) => void,
  ) {
    options.signal?.throwIfAborted()
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
    this.#dispatch = client.dispatch(
      { ...request, body: body ? { kind: 'bytes', bytes: body } : { kind: 'none' }, headTimeout: options.timeout },
      this,
    )
    this.#timer = setTimeout(this.#onTimeout, options.timeout)
    options.signal?.addEventListener('abort', this.#onAbort)
  }

  onInformation(): void {}

  onHead(head: ResponseHead): void {
    this.#head = head
    if ((head.length ?? 0) > this.#options.limit) this.#refuseLength()
  }

  onBody(part: Buffer): boolean {
    this.#bytes += part.length
    if (this.#bytes > this.#options.limit) this.#refuseLength()
    else this.#parts.push(part)
    return true
  }

  onEnd(): void {
    this.#settle()
    const { status, reason, headers } = this.#head as ResponseHead
    // One part is the usual case, and is the answer's own already.
    const body = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts, this.#bytes)
    this.#resolve({ status, reason, headers, body })
  }

  onUpgrade(): void {
    throw new Error('nobody asked for an upgrade')
  }

  onFailure(failure: BackendFailure): void {
    this.#settle()
    this.#reject(failure)
  }

  #refuseLength(): void {
    this.#giveUp(new BackendFailure('backend-broken', `the body is longer than ${this.#options.limit} bytes`, false))
  }

  /** What came while this process itself stood still is read before. */
  #onTimeout = (): void =>
    void setImmediate(() =>
      this.#giveUp(new BackendFailure('backend-slow', `no whole answer within ${this.#options.timeout} ms`, false)),
    )

  #onAbort = (): void => this.#giveUp(this.#options.signal?.reason)

  #giveUp(reason: unknown): void {
    this.#settle()
    this.#dispatch.abort()
    this.#reject(reason)
  }

  #settle(): void {
    clearTimeout(this.#timer)
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
  }
}
