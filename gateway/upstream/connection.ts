import { connect, type Socket } from 'node:net'
import { longestRead, roomFor, whenWritten } from '../http1/recycled.ts'

/** Who has a connection for now. */
export interface ConnectionUser {
  onConnected(): void
  /** The user's to keep. */
  onBytes(bytes: Buffer): void
  /** What was written is gone out: more may follow. */
  onDrained(): void
  /** The backend ended its side in order (FIN). The last word. */
  onEnded(): void
  /** The connection broke or never came to be. The last word. */
  onBroken(cause: Error): void
}

export interface ConnectionOptions {
  readonly host: string
  readonly port: number
  /** Milliseconds. */
  readonly connectTimeout: number
  /**
   * pooled: carries many requests. All of these read into one buffer, copied from once.
   * dedicated: for one upgrade. A plain socket, because it is given away, and `onread` could not be taken off it.
   */
  readonly kind: 'pooled' | 'dedicated'
}

/**
 * libuv fills it and calls back at once, so that no two connections are ever in it together. What arrives is copied
 * out in its own size: Node would otherwise allocate 64 KiB for each read, of which a short answer fills little.
 */
const readBuffer = Buffer.allocUnsafeSlow(longestRead)

/**
 * Keep-alive probes: a machine that lost its power says nothing, and who waits for its answer or holds a tunnel to it
 * would wait for ever. Linux begins them after two hours if not told.
 */
const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }

/** One TCP connection to a backend. Knows bytes only. */
export class Connection {
  readonly kind: ConnectionOptions['kind']
  readonly #socket: Socket
  readonly #connectTimer: NodeJS.Timeout
  #user: ConnectionUser
  #over = false

  connected = false
  /** Whether it has carried a request before: then the backend may be closing it at this moment. */
  reused = false
  /** When it last came to rest, in milliseconds of performance.now(). */
  idleSince = 0

  constructor({ host, port, connectTimeout, kind }: ConnectionOptions, user: ConnectionUser) {
    this.kind = kind
    this.#user = user
    const onread = { buffer: readBuffer, callback: this.#onRead }
    this.#socket = connect({ host, port, ...socketOptions, ...(kind === 'pooled' && { onread }) })
    if (kind === 'dedicated') this.#socket.on('data', this.#onData)
    this.#socket.on('connect', this.#onConnect)
    this.#socket.on('drain', this.#onDrain)
    this.#socket.on('end', this.#onEnd)
    this.#socket.on('error', this.#onBroken)
    this.#socket.on('close', this.#onClose)
    this.#connectTimer = setTimeout(this.#onConnectTimeout, connectTimeout)
  }

  /** Whose it is from now on. */
  passTo(user: ConnectionUser): void {
    this.#user = user
  }

  /** Head and first part of a body leave in one packet if written between `cork` and `uncork`. */
  cork(): void {
    this.#socket.cork()
  }

  uncork(): void {
    this.#socket.uncork()
  }

  /** False: wait for onDrained. `isPassedOn`: nobody else looks at the bytes any more. */
  write(data: Buffer, isPassedOn = false): boolean {
    return this.#socket.write(data, isPassedOn ? whenWritten(data) : undefined)
  }

  writeLatin1(data: string): boolean {
    return this.#socket.write(data, 'latin1')
  }

  /** While paused, not even the end of the connection is noticed. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Ends it without a word to its user. */
  destroy(): void {
    this.#over = true
    clearTimeout(this.#connectTimer)
    this.#socket.destroy()
  }

  /** Gives the socket of a dedicated connection away, paused. */
  handOver(): Socket {
    this.#over = true
    const socket = this.#socket
    socket.pause()
    // A reset before the new owner listens would end the process. Ours would do, but it holds the whole exchange, and
    // a tunnel may live for days.
    socket.on('error', ignore)
    socket.off('connect', this.#onConnect)
    socket.off('data', this.#onData)
    socket.off('drain', this.#onDrain)
    socket.off('end', this.#onEnd)
    socket.off('error', this.#onBroken)
    socket.off('close', this.#onClose)
    return socket
  }

  #onRead = (length: number, buffer: Uint8Array): boolean => {
    const bytes = roomFor(length)
    bytes.set(buffer.subarray(0, length))
    this.#onData(bytes)
    return true
  }

  #onData = (bytes: Buffer): void => {
    if (!this.#over) this.#user.onBytes(bytes)
  }

  #onConnect = (): void => {
    clearTimeout(this.#connectTimer)
    this.connected = true
    if (!this.#over) this.#user.onConnected()
  }

  #onDrain = (): void => {
    if (!this.#over) this.#user.onDrained()
  }

  #onEnd = (): void => {
    if (this.#over) return
    this.destroy()
    this.#user.onEnded()
  }

  #onBroken = (cause: Error): void => {
    if (this.#over) return
    this.destroy()
    this.#user.onBroken(cause)
  }

  #onClose = (): void => this.#onBroken(new Error('the connection was closed'))

  /** Not before it is heard whether it was connected while this process itself stood still. */
  #onConnectTimeout = (): void =>
    void setImmediate(() => this.connected || this.#onBroken(new Error('connecting took too long')))
}

function ignore(): void {}
