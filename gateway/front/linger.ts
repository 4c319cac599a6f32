import type { Socket } from 'node:net'
import { giveBack } from '../http1/recycled.ts'

/** How much a client that sends on after its answer may send before it is cut, and for how long. Bytes, milliseconds. */
const mostBytes = 64 * 1024 * 1024
export const lingerTime = 10_000

/**
 * The end of a connection that has had its last answer. What was written still goes out, then our end. The client may
 * be sending on: closing over bytes that are not read makes a reset, which can overtake our answer and take it away. So
 * they are read for a while, and thrown away.
 */
export class Linger {
  readonly #socket: Socket
  #discarded = 0

  constructor(socket: Socket) {
    this.#socket = socket
    socket.end()
  }

  discard(bytes: Buffer): void {
    this.#discarded += bytes.length
    if (this.#discarded > mostBytes) this.#socket.destroy()
    giveBack(bytes)
  }
}
