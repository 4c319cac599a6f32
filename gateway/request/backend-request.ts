import type { Backend } from '../pool/backend.ts'
import type { BackendRequest, RequestBody } from '../upstream/client.ts'
import type { RequestBodySource } from './exchange.ts'
import { isSafe } from './failure.ts'
import type { Passage } from './forward.ts'
import { toBackend } from './headers.ts'

/** What even a request for a backend that hangs is given, whatever --hold-for says. Milliseconds. */
const shortestPatience = 500

/** The request as this backend shall hear it. */
export function backendRequest({ gate, exchange, target }: Passage, backend: Backend): BackendRequest {
  const { config } = gate
  const { method } = exchange.head
  // Of one that hangs nothing is expected, but it may be back: no longer than for one that cannot be reached.
  const hangs = backend.state === 'failing' && isSafe(method)
  const patience = (usual: number) => (hangs ? Math.min(usual, Math.max(config.holdFor, shortestPatience)) : usual)
  const headers = toBackend(exchange)
  if (exchange.kind === 'websocket') {
    const body = { kind: 'none' } as const
    return {
      method,
      target: target.raw,
      headers,
      body,
      upgrade: 'websocket',
      headTimeout: patience(config.upgradeTimeout),
    }
  }
  const body = bodyOf(exchange.body, config.bodyLimit || undefined)
  return { method, target: target.raw, headers, body, headTimeout: patience(config.answerTimeout) }
}

function bodyOf({ length, stream }: RequestBodySource, most: number | undefined): RequestBody {
  return length === 0 ? { kind: 'none' } : { kind: 'stream', source: stream, length, most, isPassedOn: true }
}
