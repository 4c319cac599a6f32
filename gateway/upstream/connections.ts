import { Connection, type ConnectionUser } from './connection.ts'

export interface ConnectionsOptions {
  readonly host: string
  readonly port: number
  /** Milliseconds. */
  readonly connectTimeout: number
  /** How many may wait for a next request. */
  readonly maxIdle: number
  /** How long one may wait, in milliseconds. */
  readonly idleTimeout: number
}

/**
 * Connections to one backend that wait for their next request. The last one that came to rest is the first to go out
 * again: it is the least likely to be closed by the backend, and those that are too many grow old and go.
 */
export class Connections {
  readonly #options: ConnectionsOptions
  /** By the time they came to rest, the newest last. */
  readonly #idle: Connection[] = []
  #sweep: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: ConnectionsOptions) {
    this.#options = options
  }

  get idleCount(): number {
    return this.#idle.length
  }

  /** A waiting connection, if there is one. */
  take(user: ConnectionUser): Connection | undefined {
    const connection = this.#idle.pop()
    connection?.passTo(user)
    return connection
  }

  open(kind: 'pooled' | 'dedicated', user: ConnectionUser): Connection {
    const { host, port, connectTimeout } = this.#options
    return new Connection({ host, port, connectTimeout, kind }, user)
  }

  /** Takes a connection that has carried a whole request and its whole response. */
  giveBack(connection: Connection): void {
    if (this.#closed || this.#idle.length >= this.#options.maxIdle) return connection.destroy()
    connection.reused = true
    connection.idleSince = performance.now()
    connection.passTo(new Resting(connection, this.#idle))
    this.#idle.push(connection)
    this.#sweep ??= this.#sweepIn(this.#options.idleTimeout)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#sweep)
    for (const connection of this.#idle.splice(0)) connection.destroy()
  }

  /** One timer for all: a timer for each would be set and cleared with every request. */
  #sweepIn(milliseconds: number): NodeJS.Timeout {
    return setTimeout(this.#closeOld, milliseconds).unref()
  }

  #closeOld = (): void => {
    const { idleTimeout } = this.#options
    const oldestAllowed = performance.now() - idleTimeout
    while (this.#idle[0] && this.#idle[0].idleSince <= oldestAllowed) this.#idle.shift()?.destroy()
    const oldest = this.#idle[0]
    this.#sweep = oldest && this.#sweepIn(Math.ceil(oldest.idleSince - oldestAllowed))
  }
}

/** The user of a connection that nobody uses: whatever happens on it, it is no good for another request. */
class Resting implements ConnectionUser {
  readonly #connection: Connection
  readonly #idle: Connection[]

  constructor(connection: Connection, idle: Connection[]) {
    this.#connection = connection
    this.#idle = idle
  }

  onConnected(): void {}
  onDrained(): void {}

  onBytes(): void {
    this.#leave()
  }

  onEnded(): void {
    this.#leave()
  }

  onBroken(): void {
    this.#leave()
  }

  #leave(): void {
    this.#connection.destroy()
    const index = this.#idle.indexOf(this.#connection)
    if (index !== -1) this.#idle.splice(index, 1)
  }
}
