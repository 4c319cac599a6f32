import type { RawHeaders } from '../http1/raw-headers.ts'
import type { Account } from '../request/account.ts'
import type { AnswerWriter } from '../request/exchange.ts'
import { type AnswerForm, type Asked, answerHead, fieldLines, interimHead, withUsual } from './answer-head.ts'
import type { Outbox } from './outbox.ts'

/** The connection that an answer goes out on. */
export interface AnswerOwner {
  readonly outbox: Outbox
  /** Whether another request may follow this answer, as far as is known now. */
  mayPersist(): boolean
  /** The answer is whole, on its way out. */
  onAnswered(persistent: boolean): void
  onInformed(): void
  /** What is written will not be whole, and the client must see that. */
  cutAnswer(endsWithConnection: boolean): void
}

/** One answer, framed for the client's version of HTTP. */
export class ClientAnswer implements AnswerWriter {
  started = false
  gone = false
  readonly #asked: Asked
  readonly #account: Account
  readonly #owner: AnswerOwner
  readonly #usualHeaders: RawHeaders | undefined
  #onGone: () => void = nothing
  #onDrain: () => void = nothing
  #form: AnswerForm = 'none'
  #persistent = false
  /** Bytes of a sized body that are still to come. */
  #remaining = 0
  /** Whether all of it is on its way, and whether nothing more can be. */
  #complete = false
  #over = false

  constructor(asked: Asked, account: Account, owner: AnswerOwner, usualHeaders?: RawHeaders) {
    this.#asked = asked
    this.#account = account
    this.#owner = owner
    this.#usualHeaders = usualHeaders
  }

  inform(status: number, headers: RawHeaders): void {
    // HTTP/1.0 has no interim answers (RFC 9110 15.2).
    if (this.started || this.#over || this.#asked.minorVersion === 0) return
    this.#owner.outbox.put(interimHead(status, '', headers))
    this.#owner.outbox.flush()
    this.#owner.onInformed()
  }

  head(status: number, reason: string, headers: RawHeaders, { close = false } = {}): void {
    if (this.#over) return
    this.started = true
    this.#account.status = status
    this.#account.answeredAt = performance.now()
    const mayPersist = !close && this.#owner.mayPersist()
    const head = answerHead(this.#asked, status, reason, withUsual(headers, this.#usualHeaders), mayPersist)
    this.#form = head.form
    this.#remaining = head.length
    this.#persistent = head.persistent
    this.#owner.outbox.put(head.text)
  }

  write(chunk: Buffer, isPassedOn = false): boolean {
    if (this.#over || this.#form === 'none' || chunk.length === 0) return true
    this.#account.bytesOut += chunk.length
    const { outbox } = this.#owner
    if (this.#form === 'chunked') {
      outbox.put(`${chunk.length.toString(16)}\r\n`)
      outbox.put(chunk, isPassedOn)
      outbox.put('\r\n')
    } else {
      this.#remaining -= chunk.length
      // Bytes behind the length would be taken for another answer.
      if (this.#form === 'sized' && this.#remaining < 0) this.abort()
      else outbox.put(chunk, isPassedOn)
    }
    return !outbox.full
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener
  }

  end(trailers: RawHeaders): void {
    if (this.#over) return
    if (this.#form === 'sized' && this.#remaining > 0) return this.abort()
    this.#over = true
    this.#complete = true
    const { outbox } = this.#owner
    if (this.#form === 'chunked') outbox.put(trailers.length > 0 ? `0\r\n${fieldLines(trailers)}\r\n` : '0\r\n\r\n')
    outbox.flush()
    this.#owner.onAnswered(this.#persistent)
  }

  abort(): void {
    if (this.#over) return
    this.#over = true
    this.#owner.cutAnswer(this.#form === 'to-close')
  }

  onGone(listener: () => void): void {
    this.#onGone = listener
  }

  // What the connection reports

  drained(): void {
    if (!this.#over) this.#onDrain()
  }

  clientGone(): void {
    if (this.gone) return
    this.gone = true
    this.#account.failure ??= 'client-gone'
    this.#over = true
    if (!this.#complete) this.#onGone()
  }

  /** The connection is another's: no more is done here. */
  release(): void {
    this.#over = true
    this.started = true
  }
}

function nothing(): void {}
