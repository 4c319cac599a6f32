import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Address } from '../config/config.ts'
import { metricsText, metricsType } from '../observe/metrics.ts'
import { admits } from '../pool/states.ts'
import { change, isForeign, readChange } from './change.ts'
import type { Operations } from './operations.ts'
import type { Overview } from './overview.ts'
import { overviewMetrics } from './overview-metrics.ts'

export interface Admin {
  listen(address: Address): Promise<AddressInfo>
  close(): void
}

/** The private side: for health checks and operators, never for the public. */
export function createAdmin(operations: Operations): Admin {
  const server = http.createServer((request, response) => {
    const send = ({ status, body }: AdminAnswer) => {
      const isText = typeof body === 'string'
      response.writeHead(status, {
        'Content-Type': isText ? metricsType : 'application/json',
        'Cache-Control': 'no-store',
      })
      response.end(isText ? body : `${JSON.stringify(body)}\n`)
    }
    answer(operations, request).then(send, (error: Error) => send({ status: 500, body: { message: error.message } }))
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

async function answer(
  operations: Operations,
  { method = '', url = '', headers }: http.IncomingMessage,
): Promise<AdminAnswer> {
  const path = url.split('?', 1)[0] ?? ''
  if (method === 'POST' && readChange(path)) {
    if (isForeign(headers)) return { status: 403, body: { message: 'Not for pages of other origins.' } }
    return change(operations, path)
  }
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: { message: 'This listener answers GET.' } }
  switch (path) {
    case '/healthz':
      return { status: 200, body: { status: 'alive' } }
    case '/readyz':
      return readiness(await operations.overview())
    case '/backends':
      return { status: 200, body: backends(await operations.overview()) }
    case '/metrics':
      return { status: 200, body: await metrics(operations) }
    default:
      return { status: 404, body: { message: 'There are /healthz, /readyz, /backends and /metrics.' } }
  }
}

async function metrics(operations: Operations): Promise<string> {
  const [overview, counts] = await Promise.all([operations.overview(), operations.metrics()])
  return metricsText([...overviewMetrics(overview), ...counts])
}

/** Ready when a newcomer could be served. */
function readiness({ ending, backends }: Overview): AdminAnswer {
  if (ending) return { status: 503, body: { status: 'ending' } }
  const ready = backends.filter(({ state }) => state === 'ready').length
  const draining = backends.filter(({ state }) => state === 'draining').length
  const takesAnyone = backends.some(({ state }) => admits[state].newcomer !== 'never')
  const body = { status: takesAnyone ? 'ready' : 'waiting', ready, draining, backends: backends.length }
  return { status: takesAnyone ? 200 : 503, body }
}

function backends({ backends, webSockets, workers, certificate }: Overview): unknown {
  const shown = backends.map(({ kernels, stateMs: _, ...backend }) => ({ ...backend, kernels: kernels.length }))
  return { backends: shown, webSockets, workers, ...(certificate && { certificate }) }
}
