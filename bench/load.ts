import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'

export interface LoadOptions {
  readonly url: string
  readonly clients: number
}

interface Reply {
  readonly status: number
  readonly bytes: number
  readonly body: string
}

/** One kind of work that clients do again and again. */
type Work = (client: Client) => Promise<void>

/** What a client that asks again would have got is a failure; what it would not, is counted and forgiven. */
interface Tally {
  done: number
  /** Served when asked again. */
  repeated: number
  /** Must not be: a GET that failed twice, a wrong answer, a message that a living socket lost. */
  readonly failed: string[]
  /** Changes that nobody may repeat, cut by what we did. */
  cut: number
}

/** Clients that read, write, start and end sessions and talk to kernels, as long as they are let. */
export class Load {
  readonly #clients: Client[]
  readonly #tallies = new Map<string, Tally>()
  #running = false
  #loops: Promise<void>[] = []

  constructor({ url, clients }: LoadOptions) {
    this.#clients = Array.from({ length: clients }, (_, index) => new Client(url, index))
  }

  async start(): Promise<void> {
    this.#running = true
    this.#loops = this.#clients.flatMap((client) =>
      Object.entries(works).map(([name, work]) => this.#repeat(name, client, work)),
    )
  }

  async stop(): Promise<{ failed: number; lines: string[] }> {
    this.#running = false
    await Promise.all(this.#loops)
    for (const client of this.#clients) client.close()
    const tallies = [...this.#tallies]
    const lines = tallies.map(
      ([name, { done, repeated, cut, failed }]) =>
        `${name.padEnd(10)} ${done} done, ${repeated} of them asked twice, ${cut} cut that nobody may repeat, ${failed.length} failed`,
    )
    const failures = tallies.flatMap(([name, { failed }]) => failed.slice(0, 5).map((reason) => `  ${name}: ${reason}`))
    return { failed: tallies.reduce((sum, [, { failed }]) => sum + failed.length, 0), lines: [...lines, ...failures] }
  }

  async #repeat(name: string, client: Client, work: Work): Promise<void> {
    const tally: Tally = this.#tallies.get(name) ?? { done: 0, repeated: 0, failed: [], cut: 0 }
    this.#tallies.set(name, tally)
    while (this.#running) {
      const askedTwice = client.askedTwice
      try {
        await work(client)
        tally.done++
        if (client.askedTwice > askedTwice) tally.repeated++
      } catch (error) {
        if (error instanceof Cut) tally.cut++
        else tally.failed.push(`${new Date().toISOString()} ${(error as Error).message}`)
      }
      await sleep(20 + Math.random() * 200)
    }
  }
}

class Cut extends Error {}

class Client {
  readonly url: string
  readonly index: number
  askedTwice = 0
  readonly #agent = new Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: 6 })

  constructor(url: string, index: number) {
    this.url = url
    this.index = index
  }

  close(): void {
    this.#agent.destroy()
  }

  /** Rejects when the connection is lost. */
  async ask(method: string, path: string, body?: Buffer | string): Promise<Reply> {
    const headers = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }
    const call = request(new URL(path, this.url), { method, agent: this.#agent, headers, rejectUnauthorized: false })
    call.end(body)
    const [response] = (await once(call, 'response')) as [IncomingMessage]
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    const whole = Buffer.concat(chunks)
    const short = whole.length < 100_000
    return { status: response.statusCode ?? 0, bytes: whole.length, body: short ? whole.toString() : '' }
  }

  /** A question that may be asked again: once, as browsers do. */
  async read(path: string): Promise<Reply> {
    const first = await this.ask('GET', path).catch(() => undefined)
    if (first && first.status !== 503) return first
    this.askedTwice++
    await sleep(1_000) // Retry-After
    return this.ask('GET', path)
  }

  /** A change that may not. */
  async change(method: string, path: string, body?: Buffer | string): Promise<Reply> {
    try {
      const reply = await this.ask(method, path, body)
      if (reply.status === 503) throw new Cut('503')
      return reply
    } catch (error) {
      throw error instanceof Cut ? error : new Cut(String(error))
    }
  }
}

const works: Record<string, Work> = {
  page: async (client) => expectStatus(await client.read('api/me'), 200),
  lists: async (client) => {
    for (const kind of ['kernels', 'sessions']) expectStatus(await client.read(`api/${kind}`), 200)
  },
  download: async (client) => {
    const { status, bytes } = await client.read(`api/contents/big?size=300000`)
    if (status !== 200 || bytes !== 300_000) throw new Error(`${status} with ${bytes} bytes of 300000`)
  },
  upload: async (client) => {
    const body = Buffer.alloc(200_000, 'u')
    const reply = await client.change('PUT', `api/contents/file-${client.index}`, body)
    if (reply.status !== 201 || JSON.parse(reply.body).size !== body.length) throw new Error(`PUT: ${reply.status}`)
  },
  notebook: async (client) => {
    const name = `${client.index}-${Math.random()}.ipynb`
    const wanted = JSON.stringify({ path: name, name, type: 'notebook', kernel: { name: 'python3' } })
    const made = await client.change('POST', 'api/sessions', wanted)
    if (made.status !== 201) throw new Error(`POST session: ${made.status}`)
    const { id, kernel } = JSON.parse(made.body) as { id: string; kernel: { id: string } }
    await talk(client, kernel.id)
    const ended = await client.change('DELETE', `api/sessions/${id}`)
    // 404: its server was killed meanwhile, and the session with it.
    if (ended.status !== 204 && ended.status !== 404) throw new Error(`DELETE session: ${ended.status}`)
  },
}

/** Some messages there and back. A socket that is cut is no failure of a message; a wrong or missing echo is. */
async function talk(client: Client, kernel: string): Promise<void> {
  const socket = await openSocket(client, kernel)
  const closed = once(socket, 'close').then(() => Promise.reject(new Cut('the socket was cut')))
  closed.catch(() => {})
  try {
    for (let count = 0; count < 20; count++) {
      const text = `${client.index} ${count} ${'m'.repeat(Math.random() * 2_000)}`
      socket.send(text)
      const late = sleep(20_000, undefined, { ref: false }).then(() => Promise.reject(new Error('no echo in 20 s')))
      const [echo] = (await Promise.race([once(socket, 'message'), closed, late])) as [Buffer]
      if (String(echo) !== text) throw new Error('a wrong echo')
      await sleep(50)
    }
  } finally {
    socket.terminate()
  }
}

/** To open one is a GET, which may be asked again: once, as JupyterLab does. Not where the kernel's server was killed. */
async function openSocket(client: Client, kernel: string): Promise<WebSocket> {
  const first = await attempt(client, kernel)
  if (first instanceof WebSocket) return first
  client.askedTwice++
  await sleep(1_000)
  const second = await attempt(client, kernel)
  if (second instanceof WebSocket) return second
  const { status } = await client.read(`api/kernels/${kernel}`)
  throw status === 200 ? second : new Cut(`the kernel's server was killed: ${status}`)
}

async function attempt({ url }: Client, kernel: string): Promise<WebSocket | Error> {
  const address = `${url.replace('http', 'ws')}api/kernels/${kernel}/channels?session_id=${Math.random()}`
  const socket = new WebSocket(address, { rejectUnauthorized: false, perMessageDeflate: false })
  try {
    await once(socket, 'open')
    socket.on('error', () => {}) // 'close' follows
    return socket
  } catch (error) {
    return error as Error
  }
}

function expectStatus({ status, body }: Reply, wanted: number): void {
  if (status !== wanted) throw new Error(`${status} ${body.slice(0, 100)}`)
}
