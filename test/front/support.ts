import { once } from 'node:events'
import { connect } from 'node:net'
import type { Test } from 'tap'
import { createFront, type Front, type FrontListener, type FrontOptions } from '../../gateway/front/front.ts'
import { Account } from '../../gateway/request/account.ts'
import type { Exchange, HttpExchange, WebSocketExchange } from '../../gateway/request/exchange.ts'
import { FakeClock } from '../fakes/fake-clock.ts'
import { RawConnection } from '../fakes/raw-backend.ts'

export interface FrontUnderTest {
  readonly front: Front
  readonly port: number
  readonly clock: FakeClock
  /** Refusals of what was no request: `code: detail`. */
  readonly malformed: string[]
  /** Accounts in the order that they were closed. */
  readonly closed: Account[]
  readonly counts: { open: number; handshakes: number; resumed: number; failedHandshakes: string[] }
  connect(options?: { halfOpen?: boolean }): RawConnection
  /** The next exchange that the front hands on. */
  next(): Promise<Exchange>
  nextHttp(): Promise<HttpExchange>
  nextWebSocket(): Promise<WebSocketExchange>
  /** Resolves when no connection is open. */
  empty(): Promise<void>
}

/** A front on a port of its own, whose exchanges the test answers. Time stands still. */
export async function startFront(t: Test, options: Partial<FrontOptions> = {}): Promise<FrontUnderTest> {
  const clock = new FakeClock()
  const malformed: string[] = []
  const closed: Account[] = []
  const counts: FrontUnderTest['counts'] = { open: 0, handshakes: 0, resumed: 0, failedHandshakes: [] }
  const waiting: Exchange[] = []
  const takers: ((exchange: Exchange) => void)[] = []
  let onEmpty = () => {}
  const listener: FrontListener = {
    connectionOpened: () => void counts.open++,
    connectionClosed: () => {
      if (--counts.open === 0) onEmpty()
    },
    handshakeDone: (resumed) => {
      counts.handshakes++
      if (resumed) counts.resumed++
    },
    handshakeFailed: (code) => void counts.failedHandshakes.push(code),
  }
  let exchanges = 0
  const front = createFront({
    tls: undefined,
    times: { head: 20_000, body: 60_000, idle: 75_000, send: 60_000 },
    newAccount: () => new Account(`x-${++exchanges}`, 0),
    onExchange: (exchange) => {
      exchange.account.onClose = () => closed.push(exchange.account)
      const taker = takers.shift()
      if (taker) taker(exchange)
      else waiting.push(exchange)
    },
    onMalformed: (_, code, detail) => void malformed.push(`${code}: ${detail}`),
    clock,
    listener,
    ...options,
  })
  const { port } = await front.listen({ host: '127.0.0.1', port: 0 })
  const clients: RawConnection[] = []
  t.teardown(() => {
    for (const { socket } of clients) socket.destroy()
    front.destroy()
  })
  const next = async () => waiting.shift() ?? (await new Promise<Exchange>((resolve) => takers.push(resolve)))
  return {
    front,
    port,
    clock,
    malformed,
    closed,
    counts,
    connect: ({ halfOpen = false } = {}) => {
      const client = new RawConnection(connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: halfOpen }))
      clients.push(client)
      return client
    },
    next,
    nextHttp: async () => ofKind(await next(), 'http') as HttpExchange,
    nextWebSocket: async () => ofKind(await next(), 'websocket') as WebSocketExchange,
    empty: async () => {
      if (counts.open > 0) await new Promise<void>((resolve) => (onEmpty = resolve))
    },
  }
}

function ofKind(exchange: Exchange, kind: Exchange['kind']): Exchange {
  if (exchange.kind !== kind) throw new Error(`an exchange of another kind: ${exchange.kind}`)
  return exchange
}

export const get = (target: string, ...headers: string[]): string => request('GET', target, ...headers)

export function request(method: string, target: string, ...headers: string[]): string {
  return `${[`${method} ${target} HTTP/1.1`, 'Host: a', ...headers].join('\r\n')}\r\n\r\n`
}

export const upgrade = get(
  '/socket',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
)

/** Answers with a text of known length. */
export function say({ answer }: Exchange, text: string, status = 200): void {
  answer.head(status, '', ['Content-Length', String(Buffer.byteLength(text))])
  answer.write(Buffer.from(text))
  answer.end([])
}

/** The whole of an answer that `say` gave. */
export async function heard(client: RawConnection): Promise<string> {
  const head = await client.head()
  const [, length = '0'] = /^content-length: (\d+)/im.exec(head) ?? []
  return (await client.takeBytes(Number(length))).toString()
}

export async function connected(client: RawConnection): Promise<void> {
  if (client.socket.connecting) await once(client.socket, 'connect')
}
