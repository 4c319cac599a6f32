import type { AdminAnswer } from './answer.ts'
import type { Operations } from './operations.ts'

export interface Change {
  /** `host:port`. */
  readonly key: string
  readonly verb: 'drain' | 'restore'
}

/** `POST /backends/<host:port>/drain` and `/restore`, or undefined for another path. */
export function readChange(path: string): Change | undefined {
  const [, key, verb] = /^\/backends\/([^/]+)\/(drain|restore)$/.exec(path) ?? []
  if (key === undefined) return undefined
  // The brackets of an IPv6 address come escaped from some clients.
  const decoded = key.replace(/%5b/i, '[').replace(/%5d/i, ']').replace(/%3a/gi, ':')
  return { key: decoded, verb: verb === 'drain' ? 'drain' : 'restore' }
}

export async function change(operations: Operations, { key, verb }: Change): Promise<AdminAnswer> {
  const isDone = await operations[verb](key)
  if (isDone === undefined) {
    const message = `No worker has said in time whether it could ${verb} ${key}: look at /backends, and try again.`
    return { status: 503, body: { message } }
  }
  if (!isDone) return { status: 404, body: { message: `There is no backend ${key}.` } }
  const { backends } = await operations.overview()
  const backend = backends.find(({ address }) => address === key)
  return { status: 200, body: { address: key, state: backend?.state, reason: backend?.reason } }
}
