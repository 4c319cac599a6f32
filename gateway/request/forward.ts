import type { Duplex } from 'node:stream'
import type { Classified } from '../jupyter/routes.ts'
import type { Backend } from '../pool/backend.ts'
import type { BackendFailure, BackendRequest, Dispatch, ResponseHandler, ResponseHead } from '../upstream/client.ts'
import type { RawHeaders } from '../upstream/raw-headers.ts'
import type { Exchange } from './exchange.ts'
import { mayRetry } from './failure.ts'
import type { Gate } from './gate.ts'
import { toBackend, toClient, toClientUpgrade } from './headers.ts'
import { type PassedRoute, place } from './place.ts'
import { refuse } from './refuse.ts'
import type { Target } from './target.ts'

/** Milliseconds between two tries for an owner that cannot be reached. */
const holdStep = 250

/** An exchange that one backend answers, bytes passing both ways as they come. */
export interface Passage {
  readonly gate: Gate
  readonly exchange: Exchange
  readonly target: Target
  readonly route: PassedRoute
  readonly name: string
}

/**
 * Passes an exchange to its backend, and to another try where that cannot do harm: elsewhere if any backend will do;
 * the same again, for a while, if it is an owner (Jupyter's classic front end deletes the session at the first error).
 */
export async function forward(passage: Passage): Promise<void> {
  const { gate, exchange, route, name } = passage
  // That row's GET creates a terminal: it is repeated as little as a POST.
  const method = name === 'terminals.new' ? 'POST' : exchange.head.method
  const tried = new Set<Backend>()
  const deadline = performance.now() + gate.config.holdFor
  for (;;) {
    const placement = await place(gate, route, exchange, tried)
    if ('failure' in placement) {
      const mayChange = placement.failure === 'owner-unreachable' && !exchange.answer.gone
      if (!mayChange || performance.now() >= deadline) return refuse(exchange, placement.failure)
      await gate.sleep(holdStep)
      continue
    }
    const { lease, pin } = placement
    const { backend } = lease
    if (exchange.answer.gone) return lease.release()
    exchange.account.backend = backend.key
    let failure: BackendFailure | undefined
    try {
      failure = await new Attempt(passage, backend, pin ?? false).done
    } finally {
      lease.release()
    }
    if (!failure) return
    exchange.account.detail = failure.message
    gate.onFailure(backend, failure)
    if (exchange.answer.started || !mayRetry(failure.code, method, failure.nothingSent)) {
      return refuse(exchange, failure.code)
    }
    tried.add(backend)
    if (route.kind !== 'owned' && route.kind !== 'document') continue
    if (performance.now() >= deadline) return refuse(exchange, 'owner-unreachable')
    await gate.sleep(holdStep)
  }
}

/** One try at one backend. `done` resolves with a failure, or with nothing when the client has been served or is gone. */
class Attempt implements ResponseHandler {
  readonly done: Promise<BackendFailure | undefined>
  readonly #passage: Passage
  readonly #backend: Backend
  readonly #pin: boolean
  readonly #dispatch: Dispatch
  #settle!: (failure: BackendFailure | undefined) => void

  constructor(passage: Passage, backend: Backend, pin: boolean) {
    this.#passage = passage
    this.#backend = backend
    this.#pin = pin
    this.done = new Promise((resolve) => {
      this.#settle = resolve
    })
    const { answer } = passage.exchange
    this.#dispatch = passage.gate.clientOf(backend).dispatch(requestOf(passage), this)
    answer.onGone(() => this.#clientGone())
    answer.onDrain(() => this.#dispatch.resume())
  }

  onInformation({ status, headers }: ResponseHead): void {
    this.#passage.exchange.answer.inform(status, headers)
  }

  onHead({ status, reason, headers, length }: ResponseHead): void {
    const { exchange } = this.#passage
    this.#learn(status)
    const shown = toClient(headers, { keepTrailer: length === undefined })
    if (this.#pin) shown.push('Set-Cookie', this.#passage.gate.pins.cookie(this.#backend, exchange.client))
    exchange.answer.head(status, reason, shown, { close: isStillSending(exchange) })
  }

  onBody(chunk: Buffer): boolean {
    return this.#passage.exchange.answer.write(chunk)
  }

  onEnd(trailers: RawHeaders): void {
    this.#passage.exchange.answer.end(trailers)
    this.#settle(undefined)
  }

  onUpgrade({ reason, headers }: ResponseHead, socket: Duplex, rest: Buffer): void {
    const { exchange, gate, route, target } = this.#passage
    if (exchange.kind !== 'websocket') throw new Error('an upgrade that nobody asked for')
    const shown = toClientUpgrade(headers)
    if (this.#pin) shown.push('Set-Cookie', gate.pins.cookie(this.#backend, exchange.client))
    const client = exchange.accept(reason, shown)
    gate.tunnels.join(client, { socket, rest }, kernelSession(route, target), () => {
      exchange.account.close()
      this.#settle(undefined)
    })
  }

  onFailure(failure: BackendFailure): void {
    this.#settle(failure)
  }

  #clientGone(): void {
    this.#dispatch.abort()
    this.#settle(undefined)
  }

  /** What the status tells of who has what. Before the client hears it: its next question must find us informed. */
  #learn(status: number): void {
    const { gate, exchange, route } = this.#passage
    if (route.kind !== 'owned') return
    const { cluster } = gate
    const { method } = exchange.head
    if (method === 'DELETE' && status === 204) return cluster.survey.hasNot(this.#backend, route.of, route.id)
    // Not as sure: Jupyter also says 404 to a wrong Origin. What was forgotten in error is found again.
    if (status === 404) cluster.owners.forget(route.of, route.id)
    if (method !== 'GET' && method !== 'HEAD') cluster.survey.changed(this.#backend)
  }
}

function requestOf({ gate, exchange, target }: Passage): BackendRequest {
  const { config } = gate
  const { method } = exchange.head
  const headers = toBackend(exchange.head, exchange.client)
  if (exchange.kind === 'websocket') {
    const body = { kind: 'none' } as const
    return { method, target: target.raw, headers, body, upgrade: 'websocket', headTimeout: config.upgradeTimeout }
  }
  const { length, stream } = exchange.body
  const body = length === 0 ? ({ kind: 'none' } as const) : ({ kind: 'stream', source: stream, length } as const)
  return { method, target: target.raw, headers, body, headTimeout: config.answerTimeout }
}

function isStillSending(exchange: Exchange): boolean {
  return exchange.kind === 'http' && exchange.body.length !== 0 && !exchange.body.stream.readableEnded
}

/** What names a kernel's client: of one session_id Jupyter keeps one socket (ZMQChannelsWebsocketConnection). */
export function kernelSession(route: Classified['route'], { query }: Target): string | undefined {
  if (route.kind !== 'owned' || route.of !== 'kernels') return undefined
  const session = new URLSearchParams(query).get('session_id')
  return session ? `${route.id}/${session}` : undefined
}
