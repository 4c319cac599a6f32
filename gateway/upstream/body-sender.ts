import type { Readable } from 'node:stream'
import type { RequestBody } from './client.ts'
import type { Connection } from './connection.ts'

export interface BodySenderUser {
  /** The first part has come from the source. */
  onBodyBegun(): void
  /** The last byte is written. */
  onBodySent(): void
  /** The backend takes no more for now; after `drained()` it is the source's turn again. */
  onBodyWaits(): void
  /** The source failed, or is not as long as it was said to be. */
  onBodyCut(detail: string): void
  onBodyTooLarge(): void
}

/**
 * Sends a streamed request body: with a length as it is, without one in chunks. Holds the source back while the
 * backend is slow. The source is the caller's: it is read no further after `stop()`, but never destroyed.
 */
export class BodySender {
  readonly #source: Readable
  readonly #length: number | undefined
  readonly #most: number
  readonly #isPassedOn: boolean
  readonly #user: BodySenderUser
  #connection: Connection | undefined
  #count = 0
  #sent = false

  /** Listens from the beginning, reads from `start()` on: until then the body can still go to another backend. */
  constructor(
    { source, length, most, isPassedOn = false }: Extract<RequestBody, { kind: 'stream' }>,
    user: BodySenderUser,
  ) {
    this.#source = source
    this.#length = length
    this.#most = most ?? Number.POSITIVE_INFINITY
    this.#isPassedOn = isPassedOn
    this.#user = user
    source.on('error', this.#onError)
    source.on('close', this.#onClose)
  }

  start(connection: Connection): void {
    this.#connection = connection
    const source = this.#source
    // What has been before we listened is told no more.
    if (source.readableEnded) return this.#onEnd()
    if (source.destroyed) return this.#onClose()
    source.on('data', this.#onData)
    source.on('end', this.#onEnd)
    source.resume() // adding 'data' does not restart a source that was paused
  }

  drained(): void {
    if (!this.#sent) this.#source.resume()
  }

  stop(): void {
    const source = this.#source
    source.off('error', this.#onError)
    source.off('close', this.#onClose)
    if (this.#connection === undefined) return
    source.off('data', this.#onData)
    source.off('end', this.#onEnd)
    source.pause()
  }

  #onData = (data: Buffer | string): void => {
    const part = typeof data === 'string' ? Buffer.from(data) : data
    if (part.length === 0) return // as a chunk it would be the last one
    if (this.#count === 0) this.#user.onBodyBegun()
    this.#count += part.length
    // Listened for even after the last byte: what follows it would be read as the next request.
    if (this.#length !== undefined && this.#count > this.#length) return this.#user.onBodyCut('the body is too long')
    if (this.#count > this.#most) return this.#user.onBodyTooLarge()
    const more = this.#length === undefined ? this.#writeChunk(part) : this.#connection?.write(part, this.#isPassedOn)
    if (this.#count === this.#length) return this.#done()
    if (more) return
    this.#source.pause()
    this.#user.onBodyWaits()
  }

  #writeChunk(part: Buffer): boolean {
    const connection = this.#connection as Connection
    connection.cork()
    connection.writeLatin1(`${part.length.toString(16)}\r\n`)
    connection.write(part, this.#isPassedOn)
    const more = connection.writeLatin1('\r\n')
    connection.uncork()
    return more
  }

  #onEnd = (): void => {
    if (this.#sent) return
    if (this.#length === undefined) this.#connection?.writeLatin1('0\r\n\r\n')
    else if (this.#count < this.#length) return this.#user.onBodyCut('the body is too short')
    this.#done()
  }

  #done(): void {
    this.#sent = true
    this.#user.onBodySent()
  }

  #onError = (error: Error): void => {
    if (!this.#sent) this.#user.onBodyCut(`the body's source failed: ${error.message}`)
  }

  #onClose = (): void => {
    if (!this.#sent && !this.#source.readableEnded) this.#user.onBodyCut("the body's source ended early")
  }
}
