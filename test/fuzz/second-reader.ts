import { createServer, METHODS, type Server } from 'node:http'
import { Duplex } from 'node:stream'

export interface SecondReading {
  readonly method: string
  readonly target: string
  readonly body: string
}

/**
 * A second strict reader of requests: llhttp, as node:http uses it. Given the bytes of a connection it tells what it
 * reads, beside what our own reads in them.
 */
export class SecondReader {
  readonly readings: SecondReading[] = []
  /** What it refused. */
  trouble: string | undefined
  readonly #wire: Wire
  #isBlind = false

  constructor() {
    this.#wire = new Wire()
    servers.set(this.#wire, this)
    server.emit('connection', this.#wire)
  }

  take(bytes: Buffer): void {
    // Of methods it knows a list, where HTTP takes any word: what stands on such a connection is not read further.
    const method = /^\S+(?= \S+ HTTP\/1\.1\r\n)/.exec(bytes.toString('latin1'))?.[0]
    this.#isBlind ||= method !== undefined && !METHODS.includes(method)
    if (!this.#isBlind) this.#wire.push(bytes)
  }

  end(): void {
    this.#wire.destroy()
  }
}

/** One side of a connection: what is written to it nobody reads. */
class Wire extends Duplex {
  override _read(): void {}

  override _write(_: unknown, __: unknown, done: () => void): void {
    done()
  }
}

const servers = new WeakMap<object, SecondReader>()
const server: Server = createServer({ insecureHTTPParser: false, maxHeaderSize: 64 * 1024 })
  .on('request', (request, response) => {
    const reader = servers.get(request.socket)
    const { method = '', url: target = '' } = request
    const parts: Buffer[] = []
    request.on('data', (part) => parts.push(part))
    request.on('end', () => {
      reader?.readings.push({ method, target, body: Buffer.concat(parts).toString('latin1') })
      response.end()
    })
    request.on('error', () => {})
  })
  .on('upgrade', ({ method = '', url: target = '', socket }) => {
    servers.get(socket)?.readings.push({ method, target, body: '' })
  })
  .on('checkContinue', (request, response) => server.emit('request', request, response))
  .on('clientError', (error, socket) => {
    const reader = servers.get(socket)
    if (reader) reader.trouble ??= error.message
  })
server.keepAliveTimeout = 0
server.headersTimeout = 0
server.requestTimeout = 0
