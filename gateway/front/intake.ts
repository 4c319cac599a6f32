import type { Socket } from 'node:net'
import type { RequestReader } from './request-reader.ts'

const noBytes: Buffer = Buffer.alloc(0)

export interface IntakeOwner {
  /** Whether bytes may be read now. Said before each part of them. */
  wantsBytes(): boolean
  /** How many bytes may wait unread before the client is held back. */
  roomForUnread(): number
  /** What came can be read no further. */
  onUnreadable(error: unknown): void
}

/** The way of a connection's bytes into its reader: no more of them than are wanted, none before its turn. */
export class Intake {
  readonly #socket: Socket
  readonly #reader: RequestReader
  readonly #owner: IntakeOwner
  #unread = noBytes
  #reading = false
  #paused = false
  /** After what is malformed nothing is read any more: what still comes is thrown away. */
  #broken = false

  constructor(socket: Socket, reader: RequestReader, owner: IntakeOwner) {
    this.#socket = socket
    this.#reader = reader
    this.#owner = owner
  }

  /** Whether bytes wait that came and are not read yet. */
  get waits(): boolean {
    return this.#unread.length > 0
  }

  put(bytes: Buffer): void {
    if (this.#broken) return
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes])
    this.advance()
  }

  /** To be called when bytes may be wanted again. */
  advance(): void {
    if (this.#reading) return // an answer given while its request is read: the loop below goes on
    this.#reading = true
    try {
      while (this.#unread.length > 0 && this.#owner.wantsBytes()) {
        const bytes = this.#unread
        this.#unread = noBytes
        const used = this.#reader.read(bytes)
        if (used < bytes.length) this.#unread = bytes.subarray(used)
      }
    } catch (error) {
      this.#unread = noBytes
      this.#broken = true
      this.#owner.onUnreadable(error)
    }
    this.#reading = false
    this.#holdBack(this.#unread.length > this.#owner.roomForUnread())
  }

  /** What waits will never be read here. */
  take(): Buffer {
    const unread = this.#unread
    this.#unread = noBytes
    this.#holdBack(false)
    return unread
  }

  #holdBack(pause: boolean): void {
    if (pause === this.#paused) return
    this.#paused = pause
    if (pause) this.#socket.pause()
    else this.#socket.resume()
  }
}
