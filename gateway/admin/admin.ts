import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Address } from '../config/config.ts'
import type { Cluster } from '../jupyter/cluster.ts'
import { load } from '../pool/choose.ts'

export interface AdminOptions {
  readonly cluster: Cluster
  /** WebSockets open now. */
  readonly webSockets: () => number
  /** True from the first sign that this gateway is to end. */
  readonly ending: () => boolean
}

export interface Admin {
  listen(address: Address): Promise<AddressInfo>
  close(): void
}

/** The private side: for health checks and operators, never for the public. */
export function createAdmin(options: AdminOptions): Admin {
  const server = http.createServer((request, response) => {
    const { status, body } = answer(options, request.method ?? '', request.url ?? '')
    response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
    response.end(`${JSON.stringify(body)}\n`)
  })
  return {
    listen: ({ host, port }) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen({ host, port }, () => resolve(server.address() as AddressInfo))
      }),
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

interface AdminAnswer {
  readonly status: number
  readonly body: unknown
}

function answer(options: AdminOptions, method: string, url: string): AdminAnswer {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: { message: 'This listener answers GET.' } }
  switch (url.split('?', 1)[0]) {
    case '/healthz':
      return { status: 200, body: { status: 'alive' } }
    case '/readyz':
      return readiness(options)
    case '/backends':
      return { status: 200, body: backends(options) }
    default:
      return { status: 404, body: { message: 'There are /healthz, /readyz and /backends.' } }
  }
}

/** Ready when a newcomer could be served. */
function readiness({ cluster, ending }: AdminOptions): AdminAnswer {
  if (ending()) return { status: 503, body: { status: 'ending' } }
  const ready = cluster.pool.ready().length
  const body = { status: ready > 0 ? 'ready' : 'waiting', ready, backends: cluster.pool.all().length }
  return { status: ready > 0 ? 200 : 503, body }
}

function backends({ cluster, webSockets }: AdminOptions): unknown {
  return {
    backends: cluster.pool.all().map((backend) => ({
      address: backend.key,
      state: backend.state,
      reason: backend.reason,
      inFlight: backend.inFlight,
      kernels: backend.carries,
      load: load(backend),
    })),
    webSockets: webSockets(),
  }
}
