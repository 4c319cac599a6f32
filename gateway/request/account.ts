import type { RawHeaders } from '../http1/raw-headers.ts'
import type { FailureCode } from './failure.ts'
import type { Settled } from './settle.ts'

/**
 * What is known of one exchange when it ends. `close` is called once, whatever ended it, and then everything that was
 * held for it is given back and its line is written.
 */
export class Account {
  /** As operators find it in the log, and servers in X-Request-Id. */
  id: string
  readonly startedAt: number
  route = 'none'
  backend: string | undefined
  status = 0
  /** Of bodies and WebSockets, headers left out. Counted as they pass: by the front, of WebSockets by their tunnel. */
  bytesIn = 0
  bytesOut = 0
  /** When the last backend that was tried was asked, and when the head of its answer was there; the clock's milliseconds. */
  askedAt: number | undefined
  headAt: number | undefined
  /** When the answer's head was written, in the clock's milliseconds. */
  answeredAt: number | undefined
  failure: FailureCode | undefined
  /** More of the failure, for the operator alone. */
  detail: string | undefined

  /** Told of a backend's answer before the client hears it. Of what the gateway says by itself nobody is told. */
  onAnswer: (status: number, headers: RawHeaders) => void = nothing
  /** What its line will tell of it. */
  told: Settled | undefined
  /** Set by whoever serves the exchange. */
  onClose: () => void = nothing
  #open = true

  constructor(id: string, startedAt: number) {
    this.id = id
    this.startedAt = startedAt
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.onClose()
    // What has grown old and is dead keeps what it knows alive until V8 looks through all of its heap.
    this.told = undefined
    this.onAnswer = nothing
    this.onClose = nothing
  }
}

function nothing(): void {}

/** Ids for exchanges that no other worker and no later process gives. */
export function exchangeIds(random: () => number): () => string {
  const prefix = Math.floor(random() * 36 ** 8)
    .toString(36)
    .padStart(8, '0')
  let count = 0
  return () => `${prefix}-${++count}`
}
