import { withoutHeaders } from '../http1/raw-headers.ts'
import { askAnyone } from '../jupyter/ask-anyone.ts'
import type { Route } from '../jupyter/routes.ts'
import type { Exchange } from './exchange.ts'
import type { Gate } from './gate.ts'
import { toBackendForReading } from './headers.ts'
import type { Target } from './target.ts'

/**
 * Every backend may be asked for what a route names. Each client may have that done a few times a second before anybody
 * has looked at its credentials; beyond, one backend is asked first whether it knows this caller at all.
 */
export function mustAskFirst(gate: Gate, { client }: Exchange, route: Route): boolean {
  return mustSearch(gate, route) && !gate.limits.searches.take(client.address)
}

/** What that backend says. */
export async function mayAsk(gate: Gate, exchange: Exchange, target: Target): Promise<boolean> {
  // Not its Origin: to a wrong one Jupyter says 404 whoever asks.
  const headers = withoutHeaders(toBackendForReading(exchange), (name) => name === 'origin')
  // A question of ours is no sign that somebody works there.
  const query = `${target.query || '?'}&no_track_activity=1`
  const caller = { method: 'GET', headers, query, body: undefined }
  const asked = await askAnyone(gate.cluster, 'api/me', caller).catch(() => undefined)
  return asked?.answer.status !== 401 && asked?.answer.status !== 403
}

function mustSearch({ cluster }: Gate, route: Route): boolean {
  switch (route.kind) {
    case 'owned':
      return !cluster.isKnown(route.of, route.id)
    case 'session':
      return !cluster.isKnown('sessions', route.id)
    case 'document':
      return route.by === 'id' && cluster.owners.get('documents', `id:${route.id}`) === undefined
    case 'create':
      return route.of !== 'terminals'
    case 'fork-document':
      return true
    default:
      return false
  }
}
