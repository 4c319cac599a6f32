import type { Socket } from 'node:net'
import { whenWritten } from '../http1/recycled.ts'
import type { Sweep, Swept } from './sweep.ts'

/** Up to here one copy is cheaper than a second write. */
const mostJoined = 16 * 1024

/**
 * What goes out to a client. Heads, the lines around chunks and small parts of bodies that come in one turn of the
 * event loop leave in one packet, as one TLS record.
 */
export class Outbox implements Swept {
  /**
   * Until when what waits must be out: a byte for each millisecond, beside the time that a client may take nothing. For
   * one that says something again and again, which the socket's own time-out takes for a sign that all is well.
   */
  deadline = Number.POSITIVE_INFINITY
  readonly #socket: Socket
  readonly #sweep: Sweep
  readonly #sendTimeout: number
  /** Texts are latin1. */
  #waiting: (string | Buffer)[] = []
  #size = 0
  #scheduled = false

  /** `sendTimeout`: when the client has taken nothing for so many milliseconds, the socket emits 'timeout'. */
  constructor(socket: Socket, sweep: Sweep, sendTimeout: number) {
    this.#socket = socket
    this.#sweep = sweep
    this.#sendTimeout = sendTimeout
  }

  /** Whether more should be held back: until the socket's 'drain'. */
  get full(): boolean {
    return this.#socket.writableNeedDrain
  }

  /** The socket has said 'drain'. */
  drained(): void {
    this.#socket.setTimeout(0)
    this.leave()
  }

  overdue = (): void => {
    this.#socket.destroy()
  }

  /** Nobody waits for what is still to go out. */
  leave(): void {
    this.#sweep.delete(this)
  }

  /** `isOurs`: nobody else looks at these bytes any more, so that their room may be used again when they are out. */
  put(part: string | Buffer, isOurs = false): void {
    this.#waiting.push(part)
    this.#size += part.length
    if (this.#size > mostJoined) return this.#flush(isOurs ? part : undefined)
    if (this.#scheduled) return
    this.#scheduled = true
    process.nextTick(this.#onTurnOver)
  }

  flush(): void {
    this.#flush(undefined)
  }

  #flush(ours: string | Buffer | undefined): void {
    const waiting = this.#waiting
    if (waiting.length === 0) return
    const size = this.#size
    this.#waiting = []
    this.#size = 0
    const socket = this.#socket
    if (size <= mostJoined) {
      socket.write(joined(waiting, size))
    } else {
      socket.cork()
      for (const part of waiting) {
        if (typeof part === 'string') socket.write(part, 'latin1')
        else if (part === ours) socket.write(part, whenWritten(part))
        else socket.write(part)
      }
      socket.uncork()
    }
    if (!socket.writableNeedDrain) return
    socket.setTimeout(this.#sendTimeout)
    this.deadline = this.#sweep.in(this.#sendTimeout + socket.writableLength)
    this.#sweep.add(this)
  }

  #onTurnOver = (): void => {
    this.#scheduled = false
    if (!this.#socket.destroyed) this.flush()
  }
}

function joined(parts: (string | Buffer)[], size: number): Buffer {
  const all = Buffer.allocUnsafe(size)
  let at = 0
  for (const part of parts) {
    if (typeof part === 'string') at += all.write(part, at, 'latin1')
    else at += part.copy(all, at)
  }
  return all
}
