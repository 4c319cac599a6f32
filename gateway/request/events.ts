import type { IncomingMessage } from 'node:http'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import type { RawHeaders } from '../http1/raw-headers.ts'
import type { Backend } from '../pool/backend.ts'
import type { Lease } from '../pool/lease.ts'
import type { WebSocketExchange } from './exchange.ts'
import type { Gate } from './gate.ts'
import { toBackend, toClient } from './headers.ts'
import { refuse } from './refuse.ts'
import type { Target } from './target.ts'

/** How often backends that came, or whose stream broke, are subscribed to. Milliseconds. */
const reconcileEvery = 2_000
/** Jupyter sends no pings on this socket, and a quiet one is cut by whatever stands between. Milliseconds. */
const pingEvery = 30_000

/** Bytes of events that may wait for a client. */
const longestBacklog = 1024 * 1024
/** Bytes of a backend's refusal. */
const longestRefusal = 1024 * 1024

/**
 * GET /api/events/subscribe: every server tells only of what happens in itself, so the client gets the streams of all
 * of them as one. The first is opened before the client is accepted: that server decides whether they may listen.
 */
export async function mergeEvents(gate: Gate, exchange: WebSocketExchange, target: Target): Promise<void> {
  const { cluster } = gate
  const tried = new Set<Backend>()
  for (;;) {
    const lease = await cluster.claimNewcomer(() => cluster.pool.claimLeastLoaded(tried, 'guest'))
    if (!lease) return refuse(exchange, cluster.pool.isFull ? 'backend-busy' : 'no-backend')
    tried.add(lease.backend)
    try {
      if (await mergeFrom(lease, gate, exchange, target)) return
    } finally {
      lease.release()
    }
  }
}

/** False if that backend could not be subscribed to, and nothing was said to the client. */
async function mergeFrom(lease: Lease, gate: Gate, exchange: WebSocketExchange, target: Target): Promise<boolean> {
  const first = lease.backend
  exchange.account.backend = first.key
  const opening = await subscribe(first, exchange, target)
  if (opening.kind === 'failed') {
    exchange.account.detail = opening.reason
    return exchange.answer.gone
  }
  exchange.account.onAnswer(
    opening.kind === 'open' ? 101 : opening.status,
    opening.kind === 'open' ? [] : opening.headers,
  )
  if (opening.kind === 'refused') {
    relayRefusal(exchange, opening)
    return true
  }
  const client = exchange.answer.gone ? undefined : await accept(exchange, opening.setCookies)
  // From now on it is a stream of all: none is kept busy by it, nor kept from being forgotten once it has drained.
  lease.release()
  if (client) await new MergedEvents(gate, exchange, target, client, first, opening.stream).closed
  else opening.stream.terminate()
  exchange.account.close()
  return true
}

type Subscription =
  | { readonly kind: 'open'; readonly stream: WebSocket; readonly setCookies: readonly string[] }
  | { readonly kind: 'refused'; readonly status: number; readonly headers: RawHeaders; readonly body: Buffer }
  | { readonly kind: 'failed'; readonly reason: string }

/** One backend's stream, asked for with the client's own credentials. */
function subscribe(backend: Backend, exchange: WebSocketExchange, target: Target): Promise<Subscription> {
  const headers = asRecord(toBackend(exchange), (name) => !name.startsWith('sec-websocket-'))
  const stream = new WebSocket(`ws://${backend.key}${target.raw}`, {
    headers,
    agent: false, // Node's own would keep a connection whose upgrade was refused
    perMessageDeflate: false,
    handshakeTimeout: 10_000,
    maxPayload: longestBacklog,
  })
  return new Promise((resolve) => {
    let setCookies: readonly string[] = []
    stream.once('upgrade', (response) => {
      setCookies = response.headers['set-cookie'] ?? []
    })
    stream.once('open', () => resolve({ kind: 'open', stream, setCookies }))
    stream.once('unexpected-response', async (_, response) => {
      const body = await wholeOf(response)
      if (!body) return resolve({ kind: 'failed', reason: 'its refusal does not end' })
      resolve({ kind: 'refused', status: response.statusCode as number, headers: response.rawHeaders, body })
    })
    stream.on('error', (error) => resolve({ kind: 'failed', reason: error.message }))
  })
}

/** A body that is as short as those of refusals are, or undefined; one that breaks off as far as it came. */
async function wholeOf(response: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  let length = 0
  try {
    for await (const part of response) {
      length += part.length
      if (length > longestRefusal) return undefined // which also ends the connection
      parts.push(part)
    }
  } catch {} // the head has been had, and says what there is to say
  return Buffer.concat(parts)
}

/** A client's socket and the streams that flow into it. */
class MergedEvents {
  readonly closed: Promise<void>
  readonly #gate: Gate
  readonly #exchange: WebSocketExchange
  readonly #target: Target
  readonly #client: WebSocket
  readonly #streams = new Map<Backend, WebSocket | 'opening'>()
  #heard = true

  constructor(
    gate: Gate,
    exchange: WebSocketExchange,
    target: Target,
    client: WebSocket,
    first: Backend,
    stream: WebSocket,
  ) {
    this.#gate = gate
    this.#exchange = exchange
    this.#target = target
    this.#client = client
    this.#add(first, stream)
    this.#reconcile()
    const reconciling = setInterval(() => this.#reconcile(), reconcileEvery)
    const pinging = setInterval(() => this.#ping(), pingEvery)
    const forget = gate.tunnels.track({ endBackendLeg: async () => this.#end(), destroy: () => client.terminate() })
    client.on('pong', () => {
      this.#heard = true
    })
    client.on('error', () => {}) // 'close' follows
    this.closed = new Promise((resolve) => {
      client.once('close', () => {
        clearInterval(reconciling)
        clearInterval(pinging)
        forget()
        this.#end()
        resolve()
      })
    })
  }

  #reconcile(): void {
    for (const backend of this.#gate.cluster.pool.all().filter((backend) => backend.admits('guest'))) {
      if (!this.#streams.has(backend)) void this.#open(backend)
    }
  }

  async #open(backend: Backend): Promise<void> {
    this.#streams.set(backend, 'opening')
    const opening = await subscribe(backend, this.#exchange, this.#target)
    this.#streams.delete(backend)
    if (opening.kind !== 'open') return // the next reconciliation tries again
    if (this.#client.readyState === WebSocket.OPEN) this.#add(backend, opening.stream)
    else opening.stream.terminate()
  }

  #add(backend: Backend, stream: WebSocket): void {
    this.#streams.set(backend, stream)
    stream.on('message', (data, isBinary) => this.#pass(data, isBinary))
    stream.on('close', () => this.#streams.delete(backend))
  }

  #pass(data: RawData, binary: boolean): void {
    // Who does not read is let go, and subscribes again when he does: events are news, not a record.
    if (this.#client.bufferedAmount > longestBacklog) return this.#client.terminate()
    this.#client.send(data, { binary })
  }

  #ping(): void {
    if (!this.#heard) return this.#client.terminate()
    this.#heard = false
    this.#client.ping()
  }

  #end(): void {
    for (const stream of this.#streams.values()) {
      if (stream !== 'opening') stream.terminate()
    }
  }
}

/**
 * The handshake with the client, done here since no one backend's answer can stand for all. Undefined if the client went
 * away, or if ws, which then answers by itself, does not like the request.
 */
function accept(exchange: WebSocketExchange, setCookies: readonly string[]): Promise<WebSocket | undefined> {
  const { socket, rest } = exchange.surrender()
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 64 * 1024 })
  server.on('headers', (headers) => headers.push(...setCookies.map((cookie) => `Set-Cookie: ${cookie}`)))
  const { method, headers } = exchange.head
  // All that ws reads of a request (checked already in check.ts).
  const request = {
    method,
    headers: asRecord(headers, (name) => name !== 'sec-websocket-protocol'),
  } as unknown as IncomingMessage
  return new Promise((resolve) => {
    socket.once('close', () => resolve(undefined))
    if (socket.destroyed) resolve(undefined)
    else server.handleUpgrade(request, socket, rest, resolve)
    socket.resume() // it was given over at rest, and ws waits to be told
  })
}

type Refusal = Subscription & { kind: 'refused' }

function relayRefusal({ answer }: WebSocketExchange, { status, headers, body }: Refusal): void {
  const shown = toClient(headers, { keepTrailer: false })
  answer.head(status, '', shown, { close: true })
  answer.write(body)
  answer.end([])
}

function asRecord(headers: RawHeaders, keep: (lowerCaseName: string) => boolean): Record<string, string> {
  const record: Record<string, string> = {}
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase()
    const value = headers[i + 1] as string
    // Only cookies may come in several lines, and are then one list (RFC 9113 8.2.3).
    const before = name === 'cookie' ? record[name] : undefined
    if (keep(name)) record[name] = before === undefined ? value : `${before}; ${value}`
  }
  return record
}
