import type { Caller } from '../jupyter/caller.ts'
import { ClusterFailure } from '../jupyter/cluster-failure.ts'
import type { HeldBody } from '../limits/held-bodies.ts'
import type { Backend } from '../pool/backend.ts'
import type { Answer } from '../upstream/ask.ts'
import { BackendFailure } from '../upstream/client.ts'
import type { HttpExchange } from './exchange.ts'
import type { Gate } from './gate.ts'
import { toBackendForReading, toClient } from './headers.ts'
import { readBody } from './read-body.ts'
import { refuse } from './refuse.ts'
import type { Target } from './target.ts'

/** Answers an exchange from what the cluster makes of it: small JSON, read whole in both directions. */
export async function compose(
  gate: Gate,
  exchange: HttpExchange,
  target: Target,
  make: (caller: Caller) => Promise<Answer>,
): Promise<void> {
  const held = gate.limits.bodies.begin(exchange.client.address)
  try {
    await composeHeld(gate, exchange, target, make, held)
  } finally {
    held.release()
  }
}

async function composeHeld(
  { config: { modelLimit } }: Gate,
  exchange: HttpExchange,
  target: Target,
  make: (caller: Caller) => Promise<Answer>,
  held: HeldBody,
): Promise<void> {
  const body = await readBody(exchange, modelLimit, (bytes) => held.take(bytes, modelLimit))
  if (body === 'too-large') return refuse(exchange, 'model-too-large')
  if (body === 'too-much') return refuse(exchange, 'too-many-bodies')
  if (body === 'cut') return refuse(exchange, 'request-cut')
  if (body !== undefined && !isJson(body)) return refuse(exchange, 'bad-model')
  const { method } = exchange.head
  const headers = toBackendForReading(exchange)
  const onAsked = ({ key }: Backend) => {
    exchange.account.backend = key
    exchange.account.askedAt ??= performance.now()
  }
  try {
    send(exchange, await make({ method, headers, query: target.query, body, onAsked }))
  } catch (error) {
    if (!(error instanceof BackendFailure || error instanceof ClusterFailure)) throw error
    exchange.account.detail = error.message
    refuse(exchange, error.code)
  }
}

/**
 * Strictly: Jupyter's own parser also takes NaN and Infinity, and a model that it reads and we do not would be placed
 * without its kernel's id or its path being seen.
 */
function isJson(body: Buffer): boolean {
  const text = body.toString('utf8')
  if (text.trim() === '') return true
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function send({ answer, head, account }: HttpExchange, { status, reason, headers, body }: Answer): void {
  const shown = toClient(headers, { keepTrailer: false })
  const bodyless = status === 204 || status === 304
  if (!bodyless && !hasLength(shown)) shown.push('Content-Length', String(body.length))
  account.onAnswer(status, headers)
  answer.head(status, reason, shown)
  if (head.method !== 'HEAD' && body.length > 0) answer.write(body)
  answer.end([])
}

function hasLength(headers: readonly string[]): boolean {
  return headers.some((part, i) => i % 2 === 0 && part.toLowerCase() === 'content-length')
}
