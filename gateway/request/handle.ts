import { header } from '../http1/raw-headers.ts'
import { forkDocument, openDocument } from '../jupyter/documents.ts'
import { createKernel } from '../jupyter/kernels.ts'
import { mergedList } from '../jupyter/lists.ts'
import { type Classified, classify, type Route, type RouteRequest, sameRoute } from '../jupyter/routes.ts'
import { session } from '../jupyter/session.ts'
import { createSession } from '../jupyter/sessions.ts'
import { mergedStatus } from '../jupyter/status.ts'
import { createTerminal, createTerminalPage } from '../jupyter/terminals.ts'
import { checkHead, checkUpgrade } from './check.ts'
import { compose } from './compose.ts'
import { mergeEvents } from './events.ts'
import type { Exchange, HttpExchange } from './exchange.ts'
import { forward, kernelSession } from './forward.ts'
import type { Gate } from './gate.ts'
import { guardLogin } from './guard-login.ts'
import { clientOf, idOf, toBackendForReading } from './headers.ts'
import { mayAsk, mustAskFirst } from './may-search.ts'
import type { PassedRoute } from './place.ts'
import { refuse } from './refuse.ts'
import { serveFile } from './static-file.ts'
import { parseTarget, type Target } from './target.ts'

/** The way of one exchange, from the head that came in to whoever answers it. A promise only where something is waited for. */
export function handle(gate: Gate, exchange: Exchange): void | Promise<void> {
  const { head } = exchange
  const { client: peer, account } = exchange
  account.id = idOf(head, peer, gate.limits.trust) ?? account.id
  exchange.client = clientOf(head, peer, gate.limits.trust)
  const target = parseTarget(head.target)
  if (!target) return refuse(exchange, 'bad-target')
  const fault = checkHead(head, target) ?? (exchange.kind === 'websocket' ? checkUpgrade(head) : undefined)
  if (fault) return refuse(exchange, fault)
  if (!gate.limits.hosts.allows(header(head.headers, 'host'))) return refuse(exchange, 'misdirected')
  if (isTooLarge(exchange, gate.config.bodyLimit)) return refuse(exchange, 'body-too-large')

  const { baseUrl } = gate.config
  if (target.path === '/' && baseUrl !== '/') return redirect(exchange, `${baseUrl}${target.query}`)
  const classified = classifyTarget(exchange, target, baseUrl)
  if (!classified) return refuse(exchange, 'ambiguous-target')
  exchange.account.route = classified.name
  const retryAfter = guardLogin(gate, exchange, target, classified)
  if (retryAfter !== undefined) return refuse(exchange, 'too-many-logins', undefined, retryAfter)
  if (gate.limits.memory.shedding && isNew(classified.route)) return refuse(exchange, 'overloaded')
  const { route } = classified
  if (!mustAskFirst(gate, exchange, route)) return serve(gate, exchange, target, route)
  return mayAsk(gate, exchange, target).then((may) => serve(gate, exchange, target, may ? route : anyBackend))
}

/** Who has the answer to what only all of them could know: Jupyter's own words for a stranger. */
const anyBackend: Route = { kind: 'any' }

function serve(gate: Gate, exchange: Exchange, target: Target, route: Route): void | Promise<void> {
  if (route.kind === 'refused') return refuse(exchange, 'route-refused', route.why)
  if (route.kind === 'no-socket') return refuse(exchange, 'bad-upgrade', 'There is no WebSocket at this address.')
  const passOn = () => passOrCompose(gate, exchange, target, route)
  if (exchange.kind === 'http') return route.kind === 'any' ? serveFile(gate, exchange, target, passOn) : passOn()
  if (route.kind === 'events') return mergeEvents(gate, exchange, target)
  return endOldSocket(gate, exchange, target, route).then(passOn)
}

function passOrCompose(gate: Gate, exchange: Exchange, target: Target, route: ServedRoute): void | Promise<void> {
  switch (route.kind) {
    case 'owned':
    case 'document':
    case 'affine':
    case 'any':
    case 'pinned':
      return forward({ gate, exchange, target, route })
    default:
      // The routes that are read and composed are no WebSockets: no row of theirs admits an upgrade.
      if (exchange.kind === 'websocket') return refuse(exchange, 'bad-upgrade')
      return composeRoute(gate, exchange, target, route)
  }
}

/**
 * A client that comes anew replaces its old socket, which may not know yet that nobody is there. Not for a stranger who
 * has learnt the ids: first a backend must have told this caller of the kernel.
 */
async function endOldSocket(gate: Gate, exchange: Exchange, target: Target, route: Classified['route']): Promise<void> {
  const session = kernelSession(route, target)
  if (session === undefined || route.kind !== 'owned' || !(await gate.sessionSockets.has(session))) return
  const owner = gate.cluster.owners.get('kernels', route.id)
  if (!owner) return
  const headers = toBackendForReading(exchange)
  const caller = { method: 'GET', headers, query: target.query, body: undefined }
  const answer = await gate.cluster.askOwner(owner.backend, `api/kernels/${route.id}`, caller).catch(() => undefined)
  if (answer?.status === 200) await gate.sessionSockets.end(session)
}

type ServedRoute = Exclude<Route, { kind: 'refused' | 'no-socket' }>
type ComposedRoute = Exclude<ServedRoute, PassedRoute>

function composeRoute(gate: Gate, exchange: HttpExchange, target: Target, route: ComposedRoute): Promise<void> {
  const { cluster } = gate
  switch (route.kind) {
    case 'list':
      return compose(gate, exchange, target, (caller) => mergedList(cluster, route.of, caller, gate.onDuplicate))
    case 'status':
      return compose(gate, exchange, target, (caller) => mergedStatus(cluster, caller))
    case 'session':
      return compose(gate, exchange, target, (caller) => session(cluster, route.id, caller))
    case 'create':
      return compose(gate, exchange, target, (caller) => create[route.of](cluster, caller))
    case 'create-terminal-page':
      return compose(gate, exchange, target, (caller) => createTerminalPage(cluster, caller))
    case 'open-document':
      return compose(gate, exchange, target, (caller) => openDocument(cluster, route.path, caller))
    case 'fork-document':
      return compose(gate, exchange, target, (caller) => forkDocument(cluster, route.room, caller))
    case 'events':
      return Promise.resolve(refuse(exchange, 'bad-upgrade'))
  }
}

const create = { kernels: createKernel, sessions: createSession, terminals: createTerminal } as const

/** Where the path goes, or undefined if a server that reads it more leniently than we do would take it elsewhere. */
function classifyTarget({ head, kind }: Exchange, target: Target, baseUrl: string): Classified | undefined {
  const request = { method: head.method, query: target.query, upgrade: kind === 'websocket' }
  const raw = classifyPath(target.path, baseUrl, request)
  if (target.normalPath === target.path) return raw
  return sameRoute(raw, classifyPath(target.normalPath, baseUrl, request)) ? raw : undefined
}

function classifyPath(path: string, baseUrl: string, request: Omit<RouteRequest, 'path'>): Classified {
  if (path.startsWith(baseUrl)) {
    const { method, query, upgrade } = request
    return classify({ method, path: path.slice(baseUrl.length), query, upgrade })
  }
  // Jupyter redirects /base to /base/, and says 404 to the rest.
  return { name: 'outside', route: { kind: 'any' } }
}

/** What is chunked is counted on its way (upstream/body-sender.ts). */
function isTooLarge(exchange: Exchange, limit: number): boolean {
  return limit > 0 && exchange.kind === 'http' && (exchange.body.length ?? 0) > limit
}

/** Whether an exchange may be turned away when memory is short: those of what already runs here are served on. */
function isNew({ kind }: Route): boolean {
  return kind !== 'owned' && kind !== 'session' && kind !== 'document' && kind !== 'list' && kind !== 'status'
}

function redirect({ answer }: Exchange, location: string): void {
  answer.head(302, '', ['Location', location, 'Content-Length', '0'])
  answer.end([])
}
