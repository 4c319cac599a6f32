import { PassThrough, Readable } from 'node:stream'
import { header, type RawHeaders } from '../../gateway/http1/raw-headers.ts'
import { Account } from '../../gateway/request/account.ts'
import type { AnswerWriter, HttpExchange, RequestHead, WebSocketExchange } from '../../gateway/request/exchange.ts'

/** What a client would have seen, and a client that can leave. */
export class RecordedAnswer implements AnswerWriter {
  started = false
  gone = false
  status = 0
  headers: RawHeaders = []
  closes = false
  ended = false
  aborted = false
  readonly informed: number[] = []
  readonly trailers: string[] = []
  readonly #account: Account
  readonly #parts: Buffer[] = []
  readonly #done = Promise.withResolvers<void>()
  #onGone = () => {}

  constructor(account: Account) {
    this.#account = account
  }

  /** Resolves when the answer has ended, was aborted or was given up. */
  get done(): Promise<void> {
    return this.#done.promise
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString()
  }

  header(name: string): string | undefined {
    return header(this.headers, name)
  }

  inform(status: number): void {
    this.informed.push(status)
  }

  head(status: number, _reason: string, headers: RawHeaders, { close = false } = {}): void {
    if (this.started) throw new Error('a second head')
    this.started = true
    this.status = status
    this.headers = headers
    this.closes = close
    this.#account.status = status
  }

  write(chunk: Buffer): boolean {
    this.#parts.push(chunk)
    return true
  }

  onDrain(): void {}

  end(trailers: RawHeaders): void {
    this.ended = true
    this.trailers.push(...trailers)
    this.#over()
  }

  abort(): void {
    this.aborted = true
    this.#over()
  }

  onGone(listener: () => void): void {
    this.#onGone = listener
  }

  /** The client leaves. */
  leave(): void {
    this.gone = true
    this.#onGone()
    this.#over()
  }

  #over(): void {
    this.#account.close()
    this.#done.resolve()
  }
}

export interface RequestOptions {
  readonly method?: string
  readonly target?: string
  readonly headers?: RawHeaders
  readonly version?: '1.0' | '1.1'
  /** A text with its length, or a stream without. */
  readonly body?: string | Readable
  readonly address?: string
  readonly encrypted?: boolean
}

export function headOf({ method = 'GET', target = '/', headers, version = '1.1' }: RequestOptions): RequestHead {
  return { method, target, headers: headers ?? ['Host', 'jupyter.example'], version }
}

export function httpExchange(options: RequestOptions = {}): HttpExchange & { answer: RecordedAnswer } {
  const { body, address = '192.0.2.7', encrypted = true } = options
  const account = new Account('x-1', 0)
  const stream = body instanceof Readable ? body : Readable.from(body ? [Buffer.from(body)] : [])
  const length = body instanceof Readable ? undefined : Buffer.byteLength(body ?? '')
  return {
    kind: 'http',
    head: headOf(options),
    client: { address, encrypted },
    account,
    answer: new RecordedAnswer(account),
    body: { stream, length },
  }
}

const handshake = ['Connection', 'Upgrade', 'Upgrade', 'websocket', 'Sec-WebSocket-Version', '13']
export const handshakeHeaders = [
  'Host',
  'jupyter.example',
  ...handshake,
  'Sec-WebSocket-Key',
  'dGhlIHNhbXBsZSBub25jZQ==',
]

export function webSocketExchange(options: RequestOptions = {}): WebSocketExchange & { answer: RecordedAnswer } {
  const { address = '192.0.2.7', encrypted = true } = options
  const account = new Account('x-1', 0)
  const give = () => ({ socket: new PassThrough(), rest: Buffer.alloc(0) })
  return {
    kind: 'websocket',
    head: headOf({ headers: handshakeHeaders, ...options }),
    client: { address, encrypted },
    account,
    answer: new RecordedAnswer(account),
    accept: give,
    surrender: give,
  }
}

/** Resolves when the exchange is over, whatever ended it. */
export function closeOf({ account }: { account: Account }): Promise<void> {
  return new Promise((resolve) => {
    account.onClose = resolve
  })
}
