import type { Config } from '../config/config.ts'
import type { Backend } from '../pool/backend.ts'
import { type Answer, type AskRequest, ask } from '../upstream/ask.ts'
import type { Clients } from '../upstream/clients.ts'

/** Bytes of a backend's answer that is read whole: lists of some ten thousand kernels. */
const answerLimit = 16 * 1024 * 1024

/**
 * For lists and status, which every open page asks for every ten seconds and which another backend can answer: they
 * must not wait for one that hangs until its probes have found that out. Milliseconds.
 */
const readTimeout = 5_000

/** Of a backend that can be told to drain; it then says so to whoever probes it. */
const drainPath = 'pyli/drain'

/** The buffered questions that backends are asked. All reject with BackendFailure. */
export interface Questions {
  /** GET of an API path in the gateway's own name, with its token. */
  asGateway(backend: Backend, path: string): Promise<Answer>
  /** GET of the probe path, without a token. */
  probe(backend: Backend): Promise<Answer>
  /** Asks a backend to drain, or to stop doing so, with the gateway's token. The status of its answer. */
  tellDrain(backend: Backend, verdict: 'drain' | 'restore'): Promise<number>
  /** A client's request, with the client's credentials. */
  asCaller(backend: Backend, request: AskRequest): Promise<Answer>
}

export function createQuestions(clients: Clients, config: Config): Questions {
  const { baseUrl, token, probePath, probeTimeout, answerTimeout } = config
  const authorization = token === '' ? [] : ['Authorization', `token ${token}`]
  const send = (backend: Backend, method: string, target: string, headers: readonly string[]) => {
    const request = { method, target, headers: ['Host', backend.key, ...headers] }
    return ask(clients.of(backend), request, { limit: answerLimit, timeout: probeTimeout })
  }
  return {
    asGateway: (backend, path) => {
      // Our looking must not count as activity, or idle kernels are never culled (APIHandler.update_api_activity).
      const query = path.includes('?') ? '&' : '?'
      return send(backend, 'GET', `${baseUrl}${path}${query}no_track_activity=1`, authorization)
    },
    probe: (backend) => send(backend, 'GET', probePath.startsWith('/') ? probePath : `${baseUrl}${probePath}`, []),
    tellDrain: async (backend, verdict) => {
      const method = verdict === 'drain' ? 'POST' : 'DELETE'
      return (await send(backend, method, `${baseUrl}${drainPath}`, authorization)).status
    },
    asCaller: (backend, request) => {
      const timeout = request.method === 'GET' ? readTimeout : answerTimeout
      return ask(clients.of(backend), request, { limit: answerLimit, timeout })
    },
  }
}
