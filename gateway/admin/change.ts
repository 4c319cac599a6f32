import type { Operations } from './operations.ts'

export interface ChangeAnswer {
  readonly status: number
  readonly body: unknown
}

/** `POST /backends/<host:port>/drain` and `/restore`, or undefined for another path. */
export function readChange(path: string): { readonly key: string; readonly verb: 'drain' | 'restore' } | undefined {
  const [, key, verb] = /^\/backends\/([^/]+)\/(drain|restore)$/.exec(path) ?? []
  if (key === undefined) return undefined
  // The brackets of an IPv6 address come escaped from some clients.
  const decoded = key.replace(/%5b/i, '[').replace(/%5d/i, ']').replace(/%3a/gi, ':')
  return { key: decoded, verb: verb === 'drain' ? 'drain' : 'restore' }
}

export async function change(operations: Operations, path: string): Promise<ChangeAnswer> {
  const wanted = readChange(path)
  if (!wanted)
    return { status: 404, body: { message: 'Backends are changed by /backends/HOST:PORT/drain and /restore.' } }
  const { key, verb } = wanted
  if (!(await operations[verb](key))) return { status: 404, body: { message: `There is no backend ${key}.` } }
  const { backends } = await operations.overview()
  const backend = backends.find(({ address }) => address === key)
  return { status: 200, body: { address: key, state: backend?.state, reason: backend?.reason } }
}
