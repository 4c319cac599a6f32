import type { Socket } from 'node:net'
import { Malformed } from '../http1/malformed.ts'
import type { Client } from '../request/exchange.ts'
import type { FailureCode } from '../request/failure.ts'
import { Intake, type IntakeOwner } from './intake.ts'
import { Linger, lingerTime } from './linger.ts'
import { Outbox } from './outbox.ts'
import type { Reception } from './reception.ts'
import { failureOf, refusal } from './refusal.ts'
import { type ReadRequest, type RequestListener, RequestReader } from './request-reader.ts'
import type { Swept } from './sweep.ts'
import { type HandedOver, Turn, type TurnOwner } from './turn.ts'

const never = Number.POSITIVE_INFINITY

/** How much of the requests behind the one under way is read beforehand: the connection's end is noticed meanwhile. */
const mostUnread = 16 * 1024

/**
 *              ┌─────────── the answer is out ────────────┐
 *              ↓                                          │
 *   idle → head → exchange ──────────────────────────→ flushing
 *     │     │        └→ given away (a WebSocket)          │
 *     └──── end ──────────→ lingering ←───────────────────┘
 */
type Phase = 'idle' | 'head' | 'exchange' | 'flushing' | 'lingering' | 'given-away'

/** One connection of a client: its requests in, one after the other, and their answers out, in the same order. */
export class ClientConnection implements Swept, RequestListener, IntakeOwner, TurnOwner {
  readonly client: Client
  readonly outbox: Outbox
  deadline: number
  readonly #reception: Reception
  readonly #socket: Socket
  readonly #bare: Socket // below TLS, or the same
  readonly #reader: RequestReader
  readonly #intake: Intake
  #phase: Phase = 'idle'
  #turn: Turn | undefined
  /** Whether another request may follow. */
  #persistent = true
  #lingering: Linger | undefined

  constructor(socket: Socket, client: Client, reception: Reception, bare = socket) {
    this.client = client
    this.#socket = socket
    this.#bare = bare
    this.#reception = reception
    this.outbox = new Outbox(socket, reception.sweep, reception.times.send)
    this.#reader = new RequestReader(reception.limits, this)
    this.#intake = new Intake(socket, this.#reader, this)
    this.deadline = reception.sweep.in(reception.times.idle)
    reception.sweep.add(this)
    reception.connections.add(this)
    socket.on('data', this.#onData)
    socket.on('drain', this.#onDrain)
    socket.on('end', this.#onEnd)
    socket.on('timeout', this.outbox.overdue)
    socket.on('error', () => {}) // 'close' follows
    socket.on('close', this.#onClose)
  }

  /** No further request: it ends now, or with the answer that is under way. */
  drain(): void {
    this.#persistent = false
    this.endIfIdle()
  }

  endIfIdle(): void {
    if (this.#phase === 'idle') this.#linger()
  }

  overdue(): void {
    switch (this.#phase) {
      case 'idle':
        return this.#linger()
      case 'head':
        return this.#refuse('head-too-slow', 'the head was not whole in time')
      case 'exchange':
        return this.#stopBody('body-too-slow')
      default:
        this.#socket.destroy()
    }
  }

  // What the intake asks and the reader reports

  wantsBytes(): boolean {
    if (this.#phase === 'exchange') return !this.#reader.over && this.#turn?.body?.flowing === true
    if (this.#phase !== 'idle') return this.#phase === 'head'
    this.#phase = 'head'
    this.deadline = this.#reception.sweep.in(this.#reception.times.head)
    if (this.#reader.over) this.#reader.next()
    return true
  }

  /** Of a body nothing; of what stands behind a request a little, so that its client's leaving is noticed. */
  roomForUnread(): number {
    return this.#phase === 'exchange' && !this.#reader.over ? 0 : mostUnread
  }

  onUnreadable(error: unknown): void {
    const code = error instanceof Malformed ? failureOf[error.fault] : 'internal'
    const detail = error instanceof Error ? error.message : String(error)
    if (this.#phase === 'head') return this.#refuse(code, detail)
    this.#reception.onMalformed(this.client, code, detail)
    this.#stopBody(code)
  }

  onHead(request: ReadRequest): void {
    const { newAccount, onExchange, usualHeaders } = this.#reception
    const turn = new Turn(request, newAccount(), this, usualHeaders)
    this.#turn = turn
    this.#phase = 'exchange'
    this.#persistent &&= request.persistent
    // Who waits to be told to continue may wait as long as the backend does.
    this.deadline = never
    if (turn.body && !turn.waitsForContinue) this.#awaitBody()
    onExchange(turn.exchange)
  }

  onBody(part: Buffer): boolean {
    const body = this.#turn?.body
    if (this.#phase !== 'exchange' || !body) return false
    this.#awaitBody()
    if (this.#turn) this.#turn.account.bytesIn += part.length
    if (body.push(part)) return true
    this.deadline = never
    return false
  }

  onEnd(): void {
    if (this.#phase !== 'exchange') return
    this.deadline = never
    this.#turn?.body?.end()
  }

  // What the turn reports and asks for

  mayPersist(): boolean {
    // Who has its answer need not send the rest of its request. And what stands behind an upgrade that is refused was
    // meant for the other protocol, or for a reader who does not look at our answer.
    return this.#persistent && this.#reader.over && (this.#turn?.exchange.kind === 'http' || !this.#intake.waits)
  }

  onInformed(): void {
    if (this.#turn?.body?.flowing && !this.#reader.over) this.#awaitBody()
  }

  onBodyWanted(): void {
    this.#awaitBody()
    this.#intake.advance()
  }

  onAnswered(persistent: boolean): void {
    this.#phase = 'flushing'
    this.deadline = never
    this.#persistent &&= persistent
    if (!this.outbox.full) this.#turnOver()
  }

  cutAnswer(endsWithConnection: boolean): void {
    // Only a reset says that an answer is not whole whose end is the end of the connection.
    if (endsWithConnection) this.#bare.resetAndDestroy()
    else this.#socket.destroy()
  }

  // What the socket reports

  #onData = (bytes: Buffer): void => {
    if (this.#lingering) this.#lingering.discard(bytes)
    else this.#intake.put(bytes)
  }

  #onDrain = (): void => {
    this.outbox.drained()
    if (this.#phase === 'flushing') this.#turnOver()
    else this.#turn?.answer.drained()
  }

  /** A client that ends its side has left: one that still wanted its answer could not be told from it. */
  #onEnd = (): void => {
    this.#persistent = false
    if (this.#phase === 'exchange') this.#socket.destroy()
    else if (this.#phase === 'idle' || this.#phase === 'head') this.#linger()
  }

  #onClose = (): void => {
    this.#leave()
    this.#turn?.clientGone()
  }

  #leave(): void {
    for (const members of [this.#reception.sweep, this.#reception.connections]) members.delete(this)
    this.outbox.leave()
  }

  #stopBody(why: FailureCode): void {
    this.#persistent = false
    this.deadline = never
    this.#turn?.stopBody(why)
  }

  #awaitBody(): void {
    this.deadline = this.#reception.sweep.in(this.#reception.times.body)
  }

  /** The answer is out. */
  #turnOver(): void {
    this.#turn?.over()
    this.#turn = undefined
    if (!this.#persistent) return this.#linger()
    this.#phase = 'idle'
    this.deadline = this.#reception.sweep.in(this.#reception.times.idle)
    this.#intake.advance()
  }

  /** Answers what is no request. */
  #refuse(code: FailureCode, detail: string): void {
    this.#reception.onMalformed(this.client, code, detail)
    this.outbox.put(refusal(code, this.#reception.usualHeaders))
    this.outbox.flush()
    this.#linger()
  }

  #linger(): void {
    const { sweep, times } = this.#reception
    this.#phase = 'lingering'
    this.deadline = sweep.in(this.#socket.writableLength > 0 ? times.send : lingerTime)
    this.#lingering = new Linger(this.#socket)
    this.#intake.take()
  }

  giveAway(): HandedOver {
    const socket = this.#socket
    const rest = this.#intake.take()
    this.#turn?.release(socket)
    this.#turn = undefined
    this.#phase = 'given-away'
    socket.off('data', this.#onData)
    socket.off('drain', this.#onDrain)
    socket.off('end', this.#onEnd)
    socket.off('timeout', this.outbox.overdue)
    socket.off('close', this.#onClose) // which would keep all of this as long as a WebSocket lives
    this.#leave()
    socket.setTimeout(0)
    socket.pause()
    return { socket, rest }
  }
}
