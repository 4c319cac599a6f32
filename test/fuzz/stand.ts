import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { parseConfig } from '../../gateway/config/parse.ts'
import { type Gateway, startGateway } from '../../gateway/gateway.ts'
import { createLog } from '../../gateway/observe/log.ts'
import { FakeJupyter } from '../fakes/fake-jupyter.ts'
import { SecondReader } from './second-reader.ts'
import { readRequest, type StrictRequest } from './strict-reader.ts'

/** A request of a client, as the backend heard it. */
export interface Heard {
  /** Unique in all runs of this process; the answer's body names it. */
  readonly id: string
  readonly request: StrictRequest
  readonly link: Link
}

/** Answers a request with whatever bytes. */
export type Answering = (heard: Heard) => unknown

/** How long anything may take that should take milliseconds: only a hang waits so long. */
export const patience = 15_000

/** The gateway, a backend whose words are the case's, and what both did wrong. */
export class Stand {
  readonly heard: Heard[] = []
  /** Requests that a connection to the backend ended within. */
  readonly cut: StrictRequest[] = []
  /** Whatever must never be. */
  readonly problems: string[] = []
  readonly jupyter = new FakeJupyter('a')
  readonly kernel = this.jupyter.hasKernel()
  readonly links = new Set<Link>()
  answering: Answering = sayId
  #gateway!: Gateway
  #clients = new Set<StandClient>()
  #fence: StandClient | undefined
  #count = 0
  readonly #server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    const link = new Link(socket, this)
    this.links.add(link)
    socket.once('close', () => this.links.delete(link))
  })

  static async open(): Promise<Stand> {
    const stand = new Stand()
    await stand.#open()
    return stand
  }

  connect(): StandClient {
    const client = new StandClient(connect({ host: '127.0.0.1', port: this.#gateway.address.port, noDelay: true }))
    this.#clients.add(client)
    client.socket.once('close', () => this.#clients.delete(client))
    return client
  }

  get port(): number {
    return this.#gateway.address.port
  }

  /** Whatever was on its way has arrived: another exchange has gone through gateway and backend since. */
  async fence(): Promise<void> {
    const fence = this.#fence && !this.#fence.ended ? this.#fence : this.connect()
    this.#fence = fence
    fence.text = ''
    fence.write('GET /files/fence HTTP/1.1\r\nHost: fence\r\n\r\n')
    await fence.until(() => fence.text.endsWith('fence.'), 'the fence is answered')
    // Whose client is gone must go from the backend too.
    const deadline = Date.now() + patience
    while ([...this.links].some(({ isWaiting }) => isWaiting)) {
      if (Date.now() > deadline) throw new Error('hang: a part of a request stays at the backend, its client gone')
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Nothing is left of the cases before: no connection of a client, no exchange with the backend. */
  async rest(): Promise<string[]> {
    this.#fence?.end()
    const problems: string[] = []
    for (const client of this.#clients)
      await client.closed(`a client's connection ends`).catch((e) => problems.push(e.message))
    const deadline = Date.now() + patience
    for (;;) {
      const { webSockets, backends } = await this.#gateway.operations.overview()
      const left = webSockets + backends.reduce((sum, { inFlight }) => sum + inFlight, 0)
      if (left === 0) return problems
      if (Date.now() > deadline) return [...problems, `${left} exchanges and WebSockets are left`]
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  /** Ends the gateway. What is still open to it then is a leak. */
  async close(): Promise<string[]> {
    const problems = await this.rest()
    this.#gateway.destroy()
    const deadline = Date.now() + patience
    while (this.links.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10))
    if (this.links.size > 0) problems.push(`${this.links.size} connections to the backend outlive the gateway`)
    for (const { socket } of this.links) socket.destroy()
    this.#server.close()
    return problems
  }

  onRequest(link: Link, request: StrictRequest): void {
    if (isGateways(request)) return link.write(asJupyter(this.jupyter, request))
    if (request.target === '/files/fence') return link.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nfence.')
    const heard = { id: `id-${++this.#count}.`, request, link }
    this.heard.push(heard)
    this.answering(heard)
  }

  async #open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const { port } = this.#server.address() as AddressInfo
    const flags = [
      '--listen=127.0.0.1:0',
      '--admin=off',
      '--tls=off',
      '--slow-start=0s',
      '--login-attempts=off',
      '--hold-for=0s',
    ]
    // Its backend is made to fail all the time; to be given up for it would end the run.
    const parsed = parseConfig([...flags, `--backends=static:127.0.0.1:${port}`, '--fall=100'], {}, () => '')
    if (parsed.ok !== true) throw new Error(JSON.stringify(parsed))
    const log = createLog('json', { write: (line) => this.#onLine(JSON.parse(line)) })
    this.#gateway = await startGateway(parsed.config, { log, tls: undefined })
    const isReady = async () => {
      return (await this.#gateway.operations.overview()).backends.some(({ state }) => state === 'ready')
    }
    while (!(await isReady())) await new Promise((resolve) => setTimeout(resolve, 10))
  }

  /** What the gateway calls its own mistake. */
  #onLine({ level, msg, err }: { level: string; msg: string; err?: { stack: string } }): void {
    if (level === 'error' || level === 'fatal') this.problems.push(`the gateway says: ${msg} ${err?.stack ?? ''}`)
  }
}

/** A connection at the backend: reads requests, with two readers, and wants one at a time. */
export class Link {
  readonly socket: Socket
  /** Bytes behind a handshake that was accepted. */
  tunneled: string | undefined
  readonly #stand: Stand
  readonly #second = new SecondReader()
  readonly #readings: { method: string; target: string; body: string }[] = []
  #compared = 0
  #unread = ''

  constructor(socket: Socket, stand: Stand) {
    this.socket = socket
    this.#stand = stand
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    socket.on('end', () => socket.end())
    socket.on('close', () => this.#onClose())
  }

  write(text: string): void {
    if (this.socket.writable) this.socket.write(text, 'latin1')
  }

  /** Whether a part of a request has come, and not its end. */
  get isWaiting(): boolean {
    return this.#unread !== ''
  }

  #take(bytes: Buffer): void {
    // Who has ended a connection hears nothing more on it.
    if (this.socket.writableEnded) return
    const text = bytes.toString('latin1')
    if (this.tunneled !== undefined) {
      this.tunneled += text
      return
    }
    this.#second.take(bytes)
    setImmediate(() => this.#compare())
    this.#unread += text
    const request = readRequest(this.#unread, 0)
    if (request === 'incomplete') return
    if (request === 'malformed') {
      this.#stand.problems.push(`the gateway wrote what is no request: ${JSON.stringify(this.#unread.slice(0, 500))}`)
      this.#unread = ''
      return
    }
    if (request.trouble === 'malformed') this.#stand.problems.push('the gateway wrote a body that is none')
    if (request.trouble) return
    const behind = this.#unread.slice(request.end)
    if (behind !== '') this.#stand.problems.push(`bytes behind a request: ${JSON.stringify(behind.slice(0, 500))}`)
    this.#unread = ''
    const { method, target, body } = request
    this.#readings.push({ method, target, body })
    this.#stand.onRequest(this, request)
  }

  /** What the second reader has read must be what the first has. */
  #compare(): void {
    const { readings, trouble } = this.#second
    for (; this.#compared < readings.length; this.#compared++) {
      const [first, second] = [this.#readings, readings].map((all) => JSON.stringify(all[this.#compared]))
      if (first !== second) this.#stand.problems.push(`llhttp reads ${second} instead of ${first}`)
    }
    if (trouble === undefined) return
    this.#stand.problems.push(`llhttp refuses what the gateway wrote: ${trouble}`)
    this.#second.trouble = undefined
  }

  #onClose(): void {
    setImmediate(() => {
      this.#compare()
      this.#second.end()
    })
    const request = readRequest(this.#unread, 0)
    this.#unread = ''
    if (typeof request === 'object') this.#stand.cut.push(request)
  }
}

/** A client's connection and all that came on it. */
export class StandClient {
  readonly socket: Socket
  readonly connected: Promise<unknown>
  text = ''
  /** How it ended: in order or not. */
  ended: 'end' | 'error' | undefined
  #onNews: () => void = () => {}

  constructor(socket: Socket) {
    this.socket = socket
    this.connected = once(socket, 'connect')
    let broken = false
    socket.on('error', () => {
      broken = true
    })
    socket.on('data', (bytes: Buffer) => {
      this.text += bytes.toString('latin1')
      this.#onNews()
    })
    socket.on('close', () => {
      this.ended = broken || !socket.readableEnded ? 'error' : 'end'
      this.#onNews()
    })
  }

  write(text: string): void {
    if (this.socket.writable) this.socket.write(text, 'latin1')
  }

  end(): void {
    this.socket.end()
  }

  reset(): void {
    this.socket.resetAndDestroy()
  }

  /** Resolves when it is so, or when the connection has ended; rejects when neither comes. */
  until(isSo: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const hung = setTimeout(() => {
        this.socket.destroy()
        reject(new Error(`hang: ${what}: not within ${patience / 1_000} s`))
      }, patience)
      const look = () => {
        if (this.ended === undefined && !isSo()) return
        clearTimeout(hung)
        this.#onNews = () => {}
        resolve()
      }
      this.#onNews = look
      look()
    })
  }

  closed(what: string): Promise<void> {
    return this.until(() => false, what)
  }
}

export const sayId: Answering = ({ id, request, link }) => {
  const body = request.method === 'HEAD' ? '' : id
  link.write(`HTTP/1.1 200 OK\r\nX-Heard: ${id}\r\nContent-Length: ${id.length}\r\n\r\n${body}`)
}

function isGateways({ target }: StrictRequest): boolean {
  return target === '/api' || target.includes('no_track_activity=1')
}

function asJupyter(jupyter: FakeJupyter, { method, target, fields, body }: StrictRequest): string {
  const headers = fields.flat()
  const answer = jupyter.answer({ method, target, headers, ...(body && { body: Buffer.from(body, 'latin1') }) })
  const shown = answer.headers.map((part, i) => (i % 2 === 0 ? `${part}: ` : `${part}\r\n`)).join('')
  return `HTTP/1.1 ${answer.status} \r\n${shown}\r\n${answer.body.toString('latin1')}`
}
