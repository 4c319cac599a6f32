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

/** The buffered questions that backends are asked. All reject with BackendFailure. */
export interface Questions {
  /** GET of an API path in the gateway's own name, with its token. */
  asGateway(backend: Backend, path: string): Promise<Answer>
  /** GET /api, which needs no token and costs Jupyter next to nothing. */
  probe(backend: Backend): Promise<Answer>
  /** A client's request, with the client's credentials. */
  asCaller(backend: Backend, request: AskRequest): Promise<Answer>
}

export function createQuestions(clients: Clients, config: Config): Questions {
  const { baseUrl, token, probeTimeout, answerTimeout } = config
  const authorization = token === '' ? [] : ['Authorization', `token ${token}`]
  const get = (backend: Backend, path: string, headers: readonly string[]) => {
    const request = { method: 'GET', target: `${baseUrl}${path}`, headers: ['Host', backend.key, ...headers] }
    return ask(clients.of(backend), request, { limit: answerLimit, timeout: probeTimeout })
  }
  return {
    asGateway: (backend, path) => {
      // Our looking must not count as activity, or idle kernels are never culled (APIHandler.update_api_activity).
      const query = path.includes('?') ? '&' : '?'
      return get(backend, `${path}${query}no_track_activity=1`, authorization)
    },
    probe: (backend) => get(backend, 'api', []),
    asCaller: (backend, request) => {
      const timeout = request.method === 'GET' ? readTimeout : answerTimeout
      return ask(clients.of(backend), request, { limit: answerLimit, timeout })
    },
  }
}
