import type { Duplex } from 'node:stream'
import type { RawHeaders } from '../../gateway/http1/raw-headers.ts'
import type {
  BackendClient,
  BackendFailure,
  BackendRequest,
  Dispatch,
  ResponseHandler,
  ResponseHead,
} from '../../gateway/upstream/client.ts'

/** A handler that keeps all it is told, and fails the promise `over` if it is told anything after the last word. */
export class Recorder implements ResponseHandler {
  readonly information: ResponseHead[] = []
  readonly parts: Buffer[] = []
  head: ResponseHead | undefined
  trailers: RawHeaders | undefined
  failure: BackendFailure | undefined
  socket: Duplex | undefined
  rest: Buffer | undefined
  /** The names of all callbacks, in order; body parts once each. */
  readonly told: string[] = []
  readonly over: Promise<this>
  readonly begun: Promise<ResponseHead>
  #settle: (recorder: this) => void = () => {}
  #begin: (head: ResponseHead) => void = () => {}

  constructor() {
    this.over = new Promise((resolve) => {
      this.#settle = resolve
    })
    this.begun = new Promise((resolve) => {
      this.#begin = resolve
    })
  }

  get body(): string {
    return Buffer.concat(this.parts).toString('latin1')
  }

  onInformation(head: ResponseHead): void {
    this.told.push('onInformation')
    this.information.push(head)
  }

  onHead(head: ResponseHead): void {
    this.told.push('onHead')
    this.head = head
    this.#begin(head)
  }

  onBody(part: Buffer): boolean {
    this.told.push('onBody')
    this.parts.push(part)
    return true
  }

  onEnd(trailers: RawHeaders): void {
    this.told.push('onEnd')
    this.trailers = trailers
    this.#settle(this)
  }

  onUpgrade(head: ResponseHead, socket: Duplex, rest: Buffer): void {
    this.told.push('onUpgrade')
    this.head = head
    this.socket = socket
    this.rest = rest
    this.#settle(this)
  }

  onFailure(failure: BackendFailure): void {
    this.told.push('onFailure')
    this.failure = failure
    this.#settle(this)
  }
}

export const get: BackendRequest = {
  method: 'GET',
  target: '/',
  headers: ['Host', 'test'],
  body: { kind: 'none' },
  headTimeout: 60_000,
}

export const post: BackendRequest = { ...get, method: 'POST' }

/** Sends a request and waits for the last word on it. */
export function exchange(client: BackendClient, request: BackendRequest = get): Promise<Recorder> {
  const recorder = new Recorder()
  client.dispatch(request, recorder)
  return recorder.over
}

/** The same, for those who want to act in between. */
export function begin<R extends Recorder>(
  client: BackendClient,
  request: BackendRequest,
  recorder: R,
): { dispatch: Dispatch; recorder: R } {
  return { dispatch: client.dispatch(request, recorder), recorder }
}
