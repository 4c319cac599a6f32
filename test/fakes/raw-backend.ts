import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** One connection as the backend sees it: bytes and nothing else. */
export class RawConnection {
  readonly socket: Socket
  /** How the client ended it: 'end' in order, 'error' with a reset. */
  readonly closed: Promise<'end' | 'error'>
  /** All bytes that have come and were not taken yet. */
  received: Buffer = Buffer.alloc(0)
  #onArrival: () => void = () => {}
  #isClosed = false

  constructor(socket: Socket) {
    this.socket = socket
    let how: 'end' | 'error' = 'end'
    socket.on('error', () => {
      how = 'error'
    })
    socket.on('data', (bytes: Buffer) => {
      this.received = Buffer.concat([this.received, bytes])
      this.#onArrival()
    })
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#isClosed = true
        resolve(how)
        this.#onArrival()
      })
    })
  }

  /** Takes a request head off the bytes, its last CRLF included. Rejects if the client ends before. */
  head(): Promise<string> {
    return this.takeThrough('\r\n\r\n')
  }

  /** Takes all up to and with `end`. */
  async takeThrough(end: string): Promise<string> {
    for (;;) {
      const index = this.received.indexOf(end, 0, 'latin1')
      if (index !== -1) return this.#take(index + end.length).toString('latin1')
      await this.#arrival()
    }
  }

  async takeBytes(count: number): Promise<Buffer> {
    while (this.received.length < count) await this.#arrival()
    return this.#take(count)
  }

  /** Reads bytes that nobody wants to see, however many. */
  async skipBytes(count: number): Promise<void> {
    let left = count
    for (;;) {
      left -= this.#take(Math.min(left, this.received.length)).length
      if (left === 0) return
      await this.#arrival()
    }
  }

  write(bytes: string | Buffer): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** Sends what is given and then the end of the connection, in order. */
  end(bytes = ''): void {
    this.socket.end(Buffer.from(bytes, 'latin1'))
  }

  /** Ends it with RST. */
  reset(): void {
    this.socket.resetAndDestroy()
  }

  #take(count: number): Buffer {
    const taken = this.received.subarray(0, count)
    this.received = this.received.subarray(count)
    return taken
  }

  #arrival(): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Error('the client ended the connection'))
    return new Promise((resolve) => {
      this.#onArrival = resolve
    })
  }
}

export interface RawBackend {
  readonly host: string
  readonly port: number
  /** In the order they were accepted. */
  readonly connections: readonly RawConnection[]
}

/**
 * A backend scripted by bytes, so that it can say what no HTTP library would. The script runs for each connection
 * (its number counts from 0); its end or failure leaves the connection open, and the test's end closes all.
 */
export async function rawBackend(
  t: Test,
  script: (connection: RawConnection, number: number) => unknown,
): Promise<RawBackend> {
  const connections: RawConnection[] = []
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    const connection = new RawConnection(socket)
    const number = connections.push(connection) - 1
    // A script that waits for what never comes is ended by the client's end of the connection: no failure.
    Promise.resolve(script(connection, number)).catch(() => socket.destroy())
    socket.on('end', () => socket.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const { socket } of connections) socket.destroy()
    server.close()
  })
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, connections }
}

/** A script that gives every request without body the same answer, on one connection after the other. */
export function answering(bytes: string): (connection: RawConnection) => Promise<never> {
  return async (connection) => {
    for (;;) {
      await connection.head()
      connection.write(bytes)
    }
  }
}
