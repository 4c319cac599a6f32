import * as http from 'node:http'
import type { Duplex } from 'node:stream'
import { metricsText, metricsType } from '../observe/metrics.ts'
import { admits } from '../pool/states.ts'
import { type AdminAnswer, refusal } from './answer.ts'
import { change, readChange } from './change.ts'
import type { Caller, Entry } from './entry.ts'
import { logIn, logOut } from './login.ts'
import type { Operations } from './operations.ts'
import type { Overview } from './overview.ts'
import { overviewMetrics } from './overview-metrics.ts'
import { pageFile, safeHeaders } from './page.ts'

export interface Inside {
  readonly operations: Operations
  readonly entry: Entry
}

/** What the admin listener answers. /healthz, /readyz and /metrics are open: load balancers and Prometheus read them. */
export async function respond({ operations, entry }: Inside, request: http.IncomingMessage): Promise<AdminAnswer> {
  const { method = '', url = '' } = request
  const path = url.split('?', 1)[0] ?? ''
  const caller = callerOf(request)
  if (method === 'POST') {
    const wanted = readChange(path)
    if (wanted) return admitted(entry, caller, () => change(operations, wanted))
    if (entry.isGuarded && path === '/login') return logIn(entry, caller, request)
    if (entry.isGuarded && path === '/logout') return admitted(entry, caller, async () => logOut(caller))
  }
  if (method !== 'GET' && method !== 'HEAD') return noSuchMethod
  switch (path) {
    case '/healthz':
      return { status: 200, body: { status: 'alive' } }
    case '/readyz':
      return readiness(await operations.overview())
    case '/metrics':
      return { status: 200, body: await metrics(operations) }
    case '/backends':
      return admitted(entry, caller, async () => ({ status: 200, body: backends(await operations.overview()) }))
    case '/overview': // with the names of notebooks, so only where a token guards it
      if (!entry.isGuarded) break
      return admitted(entry, caller, async () => ({ status: 200, body: await operations.overview() }))
    case '/session':
      return admitted(entry, caller, async ({ until }) => ({ status: 200, body: { until } }))
  }
  return (entry.isGuarded ? await pageFile(path) : undefined) ?? nothingAt(path, entry)
}

export function callerOf({ headers, socket }: http.IncomingMessage): Caller {
  return { headers, address: socket.remoteAddress ?? '' }
}

export const isWebSocket = ({ upgrade }: http.IncomingHttpHeaders): boolean => upgrade?.toLowerCase() === 'websocket'

export function write(response: http.ServerResponse, { status, body, headers }: AdminAnswer): void {
  const isPlain = typeof body === 'string' || Buffer.isBuffer(body)
  const type = isPlain ? metricsType : 'application/json'
  response.writeHead(status, { 'Content-Type': type, ...safeHeaders, ...headers })
  response.end(isPlain ? body : `${JSON.stringify(body)}\n`)
}

/**
 * For what asked for a WebSocket. A browser is not told why; the page asks /session then. Who does not close its side
 * is cut off: no time-out is left.
 */
export function refuse(socket: Duplex, status: number): void {
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

async function admitted(
  entry: Entry,
  caller: Caller,
  then: (admitted: { until: number }) => Promise<AdminAnswer>,
): Promise<AdminAnswer> {
  const outcome = entry.admit(caller)
  return 'refused' in outcome ? refusal(outcome) : then(outcome)
}

const noSuchMethod: AdminAnswer = {
  status: 405,
  headers: { Allow: 'GET, HEAD' },
  body: { message: 'Here all is read with GET; backends are changed by POST /backends/HOST:PORT/drain and /restore.' },
}

function nothingAt(path: string, { isGuarded }: Entry): AdminAnswer {
  const message =
    path === '/' && !isGuarded
      ? 'There is a page for operators here once the gateway is given an admin token: --admin-token-file FILE, or PYLI_ADMIN_TOKEN.'
      : `There are /healthz, /readyz, /backends${isGuarded ? ', /overview, / (the page)' : ''} and /metrics.`
  return { status: 404, body: { message } }
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
  const shown = backends.map(({ kernels, stateMs: _, drains: __, ...backend }) => ({
    ...backend,
    kernels: kernels.length,
  }))
  return { backends: shown, webSockets, workers, ...(certificate && { certificate }) }
}
