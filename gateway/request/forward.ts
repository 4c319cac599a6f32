import type { Duplex } from 'node:stream'
import type { RawHeaders } from '../http1/raw-headers.ts'
import type { Classified } from '../jupyter/routes.ts'
import type { Backend } from '../pool/backend.ts'
import type { Lease } from '../pool/lease.ts'
import { BackendFailure, type Dispatch, type ResponseHandler, type ResponseHead } from '../upstream/client.ts'
import type { Account } from './account.ts'
import { backendRequest } from './backend-request.ts'
import { type Exchange, hasBody } from './exchange.ts'
import { isSafe, mayRetry } from './failure.ts'
import type { Gate } from './gate.ts'
import { toClient, toClientInterim, toClientTrailers, toClientUpgrade } from './headers.ts'
import { type PassedRoute, place } from './place.ts'
import { refuse } from './refuse.ts'
import { lean } from './settle.ts'
import type { Target } from './target.ts'
import type { Passed } from './tunnels.ts'
import type { Waiter } from './waiting.ts'

/** Milliseconds between two tries for an owner that cannot be reached. */
const holdStep = 250

/** An exchange that one backend answers, bytes passing both ways as they come. */
export interface Passage {
  readonly gate: Gate
  readonly exchange: Exchange
  readonly target: Target
  readonly route: PassedRoute
}

/**
 * Passes an exchange to its backend, and to another try where that cannot do harm: elsewhere if any backend will do;
 * the same again, for a while, if it is an owner (Jupyter's classic front end deletes the session at the first error).
 */
export async function forward(passage: Passage): Promise<void> {
  const { gate, exchange, route } = passage
  const { account } = exchange
  const isOwned = route.kind === 'owned' || route.kind === 'document'
  const deadline = performance.now() + gate.config.holdFor
  let tried = none
  for (;;) {
    const placing = place(gate, route, exchange, tried)
    const placement = placing instanceof Promise ? await placing : placing
    if ('failure' in placement) {
      const mayChange = placement.failure === 'owner-unreachable' && !exchange.answer.gone
      if (!mayChange || performance.now() >= deadline) return refuse(exchange, placement.failure)
      await gate.sleep(holdStep)
      continue
    }
    const { lease, pin = false } = placement
    const { backend } = lease
    if (exchange.answer.gone) return lease.release()
    account.backend = backend.key
    account.askedAt = performance.now()
    account.headAt = undefined
    const outcome = await attempt(passage, lease, pin)
    if (outcome === 'served' || outcome === 'tunnelled') return
    account.detail = outcome.message
    gate.onFailure(backend, outcome)
    if (!mayTryAgain(passage, outcome)) return refuse(exchange, outcome.code)
    tried = new Set(tried).add(backend)
    if (!isOwned) continue
    if (performance.now() >= deadline) return refuse(exchange, 'owner-unreachable')
    await gate.sleep(holdStep)
  }
}

const none: ReadonlySet<Backend> = new Set()

/** `tunnelled`: the lease is the tunnel's. Otherwise it has been given back. */
type Outcome = 'served' | 'tunnelled' | BackendFailure

function attempt(passage: Passage, lease: Lease, pin: boolean): Promise<Outcome> {
  try {
    return new Attempt(passage, lease, pin).done
  } catch (error) {
    lease.release()
    throw error
  }
}

/** Apart from the attempt, which holds all that was needed to open the tunnel, and is let go. */
function endOfTunnel(account: Account, lease: Lease): (passed: Passed) => void {
  return ({ bytesIn, bytesOut }) => {
    account.bytesIn = bytesIn
    account.bytesOut = bytesOut
    lease.release()
    account.close()
  }
}

function mayTryAgain({ exchange, route }: Passage, failure: BackendFailure): boolean {
  const { answer, head } = exchange
  if (answer.started || answer.gone) return false
  // Of a body that has begun to be sent only the rest is left.
  if (!failure.nothingSent && hasBody(exchange)) return false
  const creates = route.kind === 'owned' && route.creates === true
  return mayRetry(failure, creates ? 'POST' : head.method)
}

/** One try at one backend. `served` is also who has gone. */
class Attempt implements ResponseHandler, Waiter {
  readonly done: Promise<Outcome>
  readonly #passage: Passage
  readonly #lease: Lease
  readonly backend: Backend
  place: number | undefined = undefined
  readonly #pin: boolean
  readonly #dispatch: Dispatch
  #resolve!: (outcome: Outcome) => void
  #forgetSession = nothing

  constructor(passage: Passage, lease: Lease, pin: boolean) {
    const { backend } = lease
    this.#passage = passage
    this.#lease = lease
    this.backend = backend
    this.#pin = pin
    this.done = new Promise((resolve) => {
      this.#resolve = resolve
    })
    const { gate, exchange } = passage
    const { answer } = exchange
    this.#dispatch = gate.clientOf(backend).dispatch(backendRequest(passage, backend), this)
    gate.waiting.add(this)
    if (exchange.kind === 'websocket') this.#expectSocket()
    answer.onGone(() => this.#clientGone())
    answer.onDrain(() => this.#dispatch.resume())
  }

  onInformation({ status, headers }: ResponseHead): void {
    this.#passage.exchange.answer.inform(status, toClientInterim(headers))
  }

  onHead({ status, reason, headers, length }: ResponseHead): void {
    const { exchange, gate } = this.#passage
    exchange.account.headAt = performance.now()
    gate.waiting.remove(this)
    this.#learn(status)
    exchange.account.onAnswer(status, headers)
    // HTTP/1.0 has no trailers, and a Trailer header there no meaning.
    const shown = toClient(headers, { keepTrailer: length === undefined && exchange.head.version === '1.1' })
    if (this.#pin) shown.push('Set-Cookie', gate.pins.cookie(this.backend, exchange.client))
    exchange.answer.head(status, reason, shown)
  }

  onBody(chunk: Buffer): boolean {
    return this.#passage.exchange.answer.write(chunk, true)
  }

  onEnd(trailers: RawHeaders): void {
    this.#passage.exchange.answer.end(toClientTrailers(trailers))
    this.#settle(undefined)
  }

  onUpgrade({ reason, headers }: ResponseHead, socket: Duplex, rest: Buffer): void {
    const { exchange, gate, route, target } = this.#passage
    if (exchange.kind !== 'websocket') throw new Error('an upgrade that nobody asked for')
    exchange.account.onAnswer(101, headers)
    this.#lease.becomeSocket()
    const shown = toClientUpgrade(headers)
    if (this.#pin) shown.push('Set-Cookie', gate.pins.cookie(this.backend, exchange.client))
    gate.waiting.remove(this)
    this.#forgetSession()
    const { account } = exchange
    account.headAt = performance.now()
    account.answeredAt = account.headAt
    account.told = lean(exchange)
    const client = exchange.accept(reason, shown)
    const session = kernelSession(route, target)
    gate.tunnels.join(client, { socket, rest }, session, endOfTunnel(account, this.#lease))
    this.#resolve('tunnelled')
  }

  onFailure(failure: BackendFailure): void {
    this.#settle(failure)
  }

  /** A GET need not wait for the end of its time-out; what may have been heard is left to its own. */
  backendFell(): void {
    const { answer, head } = this.#passage.exchange
    if (answer.started || !isSafe(head.method)) return
    this.#dispatch.abort()
    this.#settle(new BackendFailure('backend-slow', 'the backend does not answer its probes any more', false))
  }

  /** It may only be busy; but of what any other one has ready nobody need wait for it. Files may be what it is busy with. */
  backendSlowed(): void {
    const { gate, route } = this.#passage
    if (route.kind === 'any' && gate.cluster.pool.ready().length > 0) this.backendFell()
  }

  #settle(failure: BackendFailure | undefined): void {
    this.#passage.gate.waiting.remove(this)
    this.#forgetSession()
    this.#lease.release()
    this.#resolve(failure ?? 'served')
  }

  /** Known before there is a socket: Jupyter may wait for its kernel, and the client come anew meanwhile. */
  #expectSocket(): void {
    const { gate, exchange, route, target } = this.#passage
    const session = kernelSession(route, target)
    if (session === undefined) return
    this.#forgetSession = gate.tunnels.expect(session, () => {
      this.#dispatch.abort()
      exchange.answer.abort()
      this.#settle(undefined)
    })
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
    if (method === 'DELETE' && status === 204) return cluster.survey.hasNot(this.backend, route.of, route.id)
    // Not as sure: Jupyter also says 404 to a wrong Origin. What was forgotten in error is found again.
    if (status === 404) cluster.owners.forget(route.of, route.id, this.backend)
    if (method !== 'GET' && method !== 'HEAD') cluster.survey.changed(this.backend)
  }
}

/** What names a kernel's client: of one session_id Jupyter keeps one socket (ZMQChannelsWebsocketConnection). */
export function kernelSession(route: Classified['route'], { query }: Target): string | undefined {
  if (route.kind !== 'owned' || route.of !== 'kernels') return undefined
  const session = new URLSearchParams(query).get('session_id')
  // A copy: what was cut out of a head holds all of it, and this lives as long as the socket.
  return session ? Buffer.from(`${route.id}/${session}`).toString() : undefined
}

function nothing(): void {}
