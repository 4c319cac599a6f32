import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { header, headerValues, type RawHeaders, withoutHeaders } from '../upstream/raw-headers.ts'
import type { Account } from './account.ts'
import { endSocket } from './end-socket.ts'
import type { AnswerWriter } from './exchange.ts'

/** An answer through node:http's response, which frames it for the client's version of HTTP. */
export class HttpAnswer implements AnswerWriter {
  gone = false
  readonly #response: ServerResponse
  readonly #account: Account
  #onGone: () => void = nothing
  #onDrain: () => void = nothing

  constructor(response: ServerResponse, account: Account) {
    this.#response = response
    this.#account = account
    response.sendDate = false // the backend's own Date passes
    response.on('close', this.#closed)
    response.on('drain', this.#drained)
    response.on('error', nothing) // 'close' follows
  }

  get started(): boolean {
    return this.#response.headersSent
  }

  inform(status: number, headers: RawHeaders): void {
    // HTTP/1.0 has no interim answers (RFC 9110 15.2).
    if (this.started || this.#response.destroyed || this.#isHttp10) return
    if (status === 100) this.#response.writeContinue()
    if (status === 103) this.#hint(headerValues(headers, 'link').flatMap((value) => value.split(/,\s*(?=<)/)))
  }

  head(status: number, reason: string, headers: RawHeaders, { close = false } = {}): void {
    this.#account.status = status
    this.#account.answeredAt = performance.now()
    if (close) this.#response.shouldKeepAlive = false
    const shown = status === 204 ? withoutHeaders(headers, (name) => name === 'content-length') : headers
    const reasonOrStandard = reason || (STATUS_CODES[status] ?? '')
    this.#response.writeHead(status, reasonOrStandard, shown as string[])
  }

  write(chunk: Buffer): boolean {
    this.#account.bytesOut += chunk.length
    return this.#response.write(chunk)
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener
  }

  end(trailers: RawHeaders): void {
    if (trailers.length > 0 && this.#response.chunkedEncoding) this.#response.addTrailers(pairs(trailers))
    this.#response.end()
  }

  abort(): void {
    // To HTTP/1.0 the end of the connection is the end of the answer: only a reset says that this one is not whole.
    if (this.#isHttp10) this.#response.req.socket.resetAndDestroy()
    else this.#response.destroy()
  }

  get #isHttp10(): boolean {
    return this.#response.req.httpVersion === '1.0'
  }

  onGone(listener: () => void): void {
    this.#onGone = listener
  }

  /** Node writes no other header of a 103 than Link, and throws at links that it does not know: a hint decides nothing. */
  #hint(link: string[]): void {
    try {
      if (link.length > 0) this.#response.writeEarlyHints({ link })
    } catch {
      // Without the hint the page loads a little later.
    }
  }

  #closed = (): void => {
    if (!this.#response.writableFinished) {
      this.gone = true
      this.#account.failure ??= 'client-gone'
      this.#onGone()
    }
    this.#account.close()
  }

  #drained = (): void => this.#onDrain()
}

/** What a client may say before its 101. It should say nothing (RFC 6455 4.1); who says more is cut off. */
const longestEarly = 64 * 1024

/** An answer on a connection that asked to become a WebSocket and did not. It ends with the answer. */
export class SocketAnswer implements AnswerWriter {
  readonly #socket: Duplex
  readonly #account: Account
  #onGone: () => void = nothing
  #onDrain: () => void = nothing
  #chunked = false
  #ended = false
  #early: Buffer[] = []
  #earlyBytes = 0
  started = false
  gone = false

  constructor(socket: Duplex, account: Account) {
    this.#socket = socket
    this.#account = account
    socket.on('error', nothing) // 'close' follows
    socket.on('close', this.#closed)
    socket.on('drain', this.#drained)
    socket.on('end', this.#givenUp)
    socket.on('data', this.#heard) // also to hear of its end
  }

  /** The connection is another's now: no more is done here when it ends. Returns what came meanwhile. */
  release(): Buffer {
    this.#socket.off('close', this.#closed)
    this.#socket.off('drain', this.#drained)
    this.#socket.off('end', this.#givenUp)
    this.#socket.off('data', this.#heard)
    this.#socket.pause()
    this.started = true
    const early = Buffer.concat(this.#early)
    this.#early = []
    return early
  }

  inform(): void {}

  head(status: number, reason: string, headers: RawHeaders): void {
    this.started = true
    this.#account.status = status
    this.#account.answeredAt = performance.now()
    this.#chunked = header(headers, 'content-length') === undefined && status !== 204 && status !== 304
    const framing = this.#chunked ? ['Transfer-Encoding', 'chunked'] : []
    writeHead(this.#socket, status, reason, [...headers, ...framing], true)
  }

  write(chunk: Buffer): boolean {
    this.#account.bytesOut += chunk.length
    if (!this.#chunked) return this.#socket.write(chunk)
    this.#socket.write(`${chunk.length.toString(16)}\r\n`)
    this.#socket.write(chunk)
    return this.#socket.write('\r\n')
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener
  }

  end(): void {
    this.#ended = true
    if (this.#chunked) this.#socket.write('0\r\n\r\n')
    endSocket(this.#socket) // node:http keeps its half open: who never ends his own would keep ours for ever
  }

  abort(): void {
    this.#socket.destroy()
  }

  onGone(listener: () => void): void {
    this.#onGone = listener
  }

  #closed = (): void => {
    if (!this.#ended) {
      this.gone = true
      this.#account.failure ??= 'client-gone'
      this.#onGone()
    }
    this.#account.close()
  }

  #drained = (): void => this.#onDrain()

  /** Half of what a client said must not be lost: a tunnel whose first bytes are missing is no WebSocket. */
  #heard = (bytes: Buffer): void => {
    if (this.started) return
    this.#early.push(bytes)
    this.#earlyBytes += bytes.length
    if (this.#earlyBytes > longestEarly) this.#socket.destroy()
  }

  /** node:http keeps its half open for an answer; who has ended his own does not wait for a WebSocket any more. */
  #givenUp = (): void => {
    if (!this.started) this.#socket.destroy()
  }
}

/** One response head, in one write. */
export function writeHead(socket: Duplex, status: number, reason: string, headers: RawHeaders, close: boolean): void {
  let head = `HTTP/1.1 ${status} ${reason || (STATUS_CODES[status] ?? '')}\r\n`
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
  socket.write(`${head}${close ? 'Connection: close\r\n' : ''}\r\n`, 'latin1')
}

function pairs(headers: RawHeaders): [string, string][] {
  const list: [string, string][] = []
  for (let i = 0; i < headers.length; i += 2) list.push([headers[i] as string, headers[i + 1] as string])
  return list
}

function nothing(): void {}
