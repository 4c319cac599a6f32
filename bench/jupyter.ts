import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { WebSocketServer } from 'ws'

/**
 * Jupyter servers as far as load needs them: kernels and sessions that are but names, sockets that echo, files that are
 * but sizes.
 *
 *     node bench/jupyter.ts [--port=PORT] [--many=COUNT] [--kernels=COUNT] [--any-kernel]
 *
 * prints their ports in one line; the kernels that are there from the beginning are shared out among them. With
 * --any-kernel each opens sockets of the others' too: not every proxy knows whose a kernel is.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    many: { type: 'string', default: '1' },
    kernels: { type: 'string', default: '0' },
    'any-kernel': { type: 'boolean', default: false },
  },
})

type Send = (status: number, body?: unknown) => void
type Json = Record<string, unknown>

const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })

class FakeServer {
  readonly #kernels = new Map<string, Json>()
  readonly #sessions = new Map<string, Json & { kernel: Json }>()
  readonly #files = new Map<string, number>()
  /** Questions for kernels, by whoever. */
  #asked = 0

  constructor(kernels: number) {
    for (let count = 0; count < kernels; count++) this.#newKernel()
  }

  async listen(port: number): Promise<number> {
    const server = http.createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy())
    })
    server.keepAliveTimeout = 600_000
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { method, url = '' } = request
    const path = url.split('?', 1)[0] as string
    const [, , kind = '', id = ''] = path.split('/')
    const send: Send = (status, body) => {
      const text = body === undefined ? '' : JSON.stringify(body)
      response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) })
      response.end(text)
    }
    if (path === '/asked') return send(200, this.#asked)
    if (kind === 'contents') return this.#contents(request, response, path)
    const body =
      method === 'POST' ? (JSON.parse(Buffer.concat(await request.toArray()).toString() || '{}') as Json) : {}
    const route = this.#routes[`${method} ${kind}${id === '' ? '' : '/id'}`]
    if (route) route(send, id, body)
    else send(200, { version: '2.21.1', padding: 'x'.repeat(100) })
  }

  readonly #routes: Record<string, (send: Send, id: string, body: Json) => void> = {
    'GET kernels': (send) => {
      this.#asked++
      send(200, [...this.#kernels.values()])
    },
    'POST kernels': (send) => send(201, this.#newKernel()),
    'GET kernels/id': (send, id) => {
      const kernel = this.#kernels.get(id)
      send(kernel ? 200 : 404, kernel ?? { message: 'Kernel does not exist' })
    },
    'DELETE kernels/id': (send, id) => send(this.#kernels.delete(id) ? 204 : 404),
    'GET sessions': (send) => send(200, [...this.#sessions.values()]),
    'POST sessions': (send, _, { path, name, type }) => {
      const known = [...this.#sessions.values()].find((session) => session.path === path)
      const session = known ?? { id: randomUUID(), path, name, type, kernel: this.#newKernel() }
      this.#sessions.set(String(session.id), session)
      send(201, session)
    },
    'DELETE sessions/id': (send, id) => {
      const session = this.#sessions.get(id)
      this.#sessions.delete(id)
      this.#kernels.delete(String(session?.kernel.id))
      send(session ? 204 : 404)
    },
    'GET terminals': (send) => send(200, []),
  }

  #newKernel(): Json {
    const id = randomUUID()
    const last_activity = new Date().toISOString()
    const kernel = { id, name: 'python3', last_activity, execution_state: 'idle', connections: 0 }
    this.#kernels.set(id, kernel)
    return kernel
  }

  /** What is put is counted; of what is asked for, as many bytes come. */
  async #contents(request: http.IncomingMessage, response: http.ServerResponse, path: string): Promise<void> {
    if (request.method === 'PUT') {
      let size = 0
      for await (const chunk of request) size += (chunk as Buffer).length
      this.#files.set(path, size)
      const model = JSON.stringify({ path, size })
      response.writeHead(201, { 'Content-Type': 'application/json', 'Content-Length': model.length }).end(model)
      return
    }
    const wanted = new URLSearchParams(request.url?.split('?')[1]).get('size')
    const size = Number(wanted ?? this.#files.get(path) ?? 0)
    response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': size })
    await pipeline(blocksOf(size), response)
  }

  #upgrade(request: http.IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => {})
    if (!values['any-kernel'] && !this.#kernels.has(request.url?.split('/')[3] ?? '')) {
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
      return
    }
    webSockets.handleUpgrade(request, socket, head, (client) => {
      client.on('error', () => {})
      client.on('message', (data, isBinary) => client.send(data, { binary: isBinary }))
    })
  }
}

function* blocksOf(size: number): Generator<Buffer> {
  const block = Buffer.alloc(64 * 1024, 'x')
  for (let left = size; left > 0; left -= block.length) yield left < block.length ? block.subarray(0, left) : block
}

const many = Number(values.many)
const kernelsOf = (index: number) => Math.floor((Number(values.kernels) + index) / many)
const ports = Array.from({ length: many }, (_, index) => new FakeServer(kernelsOf(index)).listen(Number(values.port)))
process.stdout.write(`${(await Promise.all(ports)).join(' ')}\n`)
