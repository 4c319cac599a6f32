import type { IncomingHttpHeaders } from 'node:http'
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

/**
 * Whether a browser sends this for a page of somebody else's: any page on the web can make its visitor's browser post
 * to an address of the operator's machine. Programs that are no browsers do not say where they come from.
 */
export function isForeign({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  return origin !== undefined && origin !== `http://${host}`
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
