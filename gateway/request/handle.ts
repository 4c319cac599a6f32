import { forkDocument, openDocument } from '../jupyter/documents.ts'
import { createKernel } from '../jupyter/kernels.ts'
import { mergedList } from '../jupyter/lists.ts'
import { type Classified, classify, type RouteRequest, sameRoute } from '../jupyter/routes.ts'
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
import { toBackendForReading } from './headers.ts'
import { refuse } from './refuse.ts'
import { parseTarget, type Target } from './target.ts'

/** The way of one exchange, from the head that came in to whoever answers it. */
export async function handle(gate: Gate, exchange: Exchange): Promise<void> {
  const { head } = exchange
  const target = parseTarget(head.target)
  if (!target) return refuse(exchange, 'bad-target')
  const fault = checkHead(head, target) ?? (exchange.kind === 'websocket' ? checkUpgrade(head) : undefined)
  if (fault) return refuse(exchange, fault)

  const { baseUrl } = gate.config
  if (target.path === '/' && baseUrl !== '/') return redirect(exchange, `${baseUrl}${target.query}`)
  const classified = classifyTarget(exchange, target, baseUrl)
  if (!classified) return refuse(exchange, 'ambiguous-target')
  exchange.account.route = classified.name
  return serve(gate, exchange, target, classified)
}

async function serve(gate: Gate, exchange: Exchange, target: Target, { route }: Classified): Promise<void> {
  if (route.kind === 'refused') return refuse(exchange, 'route-refused', route.why)
  if (route.kind === 'no-socket') return refuse(exchange, 'bad-upgrade', 'There is no WebSocket at this address.')
  if (exchange.kind === 'websocket') {
    if (route.kind === 'events') return mergeEvents(gate, exchange, target)
    await endOldSocket(gate, exchange, target, route)
  }
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
  const headers = toBackendForReading(exchange.head, exchange.client)
  const caller = { method: 'GET', headers, query: target.query, body: undefined }
  const answer = await gate.cluster.askOwner(owner.backend, `api/kernels/${route.id}`, caller).catch(() => undefined)
  if (answer?.status === 200) await gate.sessionSockets.end(session)
}

type ComposedRoute = Exclude<
  Classified['route'],
  { kind: 'owned' | 'document' | 'affine' | 'any' | 'pinned' | 'refused' | 'no-socket' }
>

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
  const query = new URLSearchParams(target.query)
  const request = { method: head.method, query, upgrade: kind === 'websocket' }
  const raw = classifyPath(target.path, baseUrl, request)
  if (target.normalPath === target.path) return raw
  return sameRoute(raw, classifyPath(target.normalPath, baseUrl, request)) ? raw : undefined
}

function classifyPath(path: string, baseUrl: string, request: Omit<RouteRequest, 'path'>): Classified {
  if (path.startsWith(baseUrl)) return classify({ ...request, path: path.slice(baseUrl.length) })
  // Jupyter redirects /base to /base/, and says 404 to the rest.
  return { name: 'outside', route: { kind: 'any' } }
}

function redirect({ answer }: Exchange, location: string): void {
  answer.head(302, '', ['Location', location, 'Content-Length', '0'])
  answer.end([])
}
