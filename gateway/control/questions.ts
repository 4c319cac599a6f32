import type { Config } from '../config/config.ts'
import { options } from '../config/options.ts'
import { type Ms, ms } from '../config/units.ts'
import { SurveyRefused } from '../jupyter/survey.ts'
import type { Backend } from '../pool/backend.ts'
import { type Answer, type AskRequest, ask } from '../upstream/ask.ts'
import type { Clients } from '../upstream/clients.ts'

/** Bytes of a backend's answer that is read whole: lists of some ten thousand kernels. */
const answerLimit = 16 * 1024 * 1024

/**
 * For lists and status, which every open page asks for every ten seconds: they must not wait for a backend that hangs
 * until its probes have found that out. Longer than those wait, as one that starts fifty kernels answers, but late, and
 * whoever looks whether a notebook has a session already must hear of it. Milliseconds.
 */
const readTimeout = ms(5_000)

/** Of a backend that can be told to drain; it then says so to whoever probes it. */
const drainPaths = { drain: 'pyli/drain', restore: 'pyli/restore' } as const

/** Said where a wrong token would be told as one: who gave none looks for another mistake. */
const noToken = `no token was given (${options.token.flag} or ${options.token.env})`

/** The buffered questions that backends are asked. All reject with BackendFailure. */
export interface Questions {
  /** GET of an API path in the gateway's own name, with its token. Rejects with SurveyRefused where one is missing. */
  asGateway(backend: Backend, path: string): Promise<Answer>
  /** From now on with this token and this patience. */
  renew(config: Pick<Config, Credentials | 'answerTimeout'>): void
  /** GET of the probe path, without a token. */
  probe(backend: Backend): Promise<Answer>
  /** Asks a backend to drain, or to stop doing so, with the gateway's token. The status of its answer. */
  tellDrain(backend: Backend, verdict: 'drain' | 'restore'): Promise<number>
  /** A client's request, with the client's credentials. */
  asCaller(backend: Backend, request: AskRequest): Promise<Answer>
}

type Line = readonly [method: string, target: string]

type Credentials = 'token' | 'formerToken'
type Asking = Pick<Config, Credentials | 'baseUrl' | 'probePath' | 'probeTimeout' | 'answerTimeout'>

export function createQuestions(clients: Clients, config: Asking): Questions {
  const { baseUrl, probePath, probeTimeout } = config
  let { token, formerToken, answerTimeout } = config
  /** Backends that took the former token when they refused the present one. */
  let former = new WeakSet<Backend>()
  const send = (backend: Backend, timeout: Ms, [method, target]: Line, headers: readonly string[] = []) => {
    const request = { method, target, headers: ['Host', backend.key, ...headers] }
    return ask(clients.of(backend), request, { limit: answerLimit, timeout })
  }
  /** In the gateway's own name. What refuses one token is asked with the other, and remembered where it takes that. */
  const sendAsGateway = async (backend: Backend, timeout: Ms, line: Line): Promise<Answer> => {
    const [first, second] = former.has(backend) ? [formerToken, token] : [token, formerToken]
    const answer = await send(backend, timeout, line, authorization(first))
    if (formerToken === '' || !isRefused(answer)) return answer
    const other = await send(backend, timeout, line, authorization(second))
    if (isRefused(other)) return answer
    if (second === token) former.delete(backend)
    else former.add(backend)
    return other
  }
  return {
    asGateway: async (backend, path) => {
      // Our looking must not count as activity, or idle kernels are never culled (APIHandler.update_api_activity).
      const query = path.includes('?') ? '&' : '?'
      // Of one that nobody has seen well yet no more is hoped for than by its probes.
      const timeout = backend.health === 'unseen' ? probeTimeout : readTimeout
      const answer = await sendAsGateway(backend, timeout, ['GET', `${baseUrl}${path}${query}no_track_activity=1`])
      if (token === '' && isRefused(answer)) throw new SurveyRefused(`${noToken}, and it answers ${answer.status}`)
      return answer
    },
    renew: (renewed) => {
      token = renewed.token
      formerToken = renewed.formerToken
      former = new WeakSet()
      answerTimeout = renewed.answerTimeout
    },
    probe: (backend) => {
      const target = probePath.startsWith('/') ? probePath : `${baseUrl}${probePath}`
      return send(backend, probeTimeout, ['GET', target])
    },
    tellDrain: async (backend, verdict) => {
      return (await sendAsGateway(backend, readTimeout, ['POST', `${baseUrl}${drainPaths[verdict]}`])).status
    },
    asCaller: (backend, request) => {
      const timeout = request.method === 'GET' ? readTimeout : answerTimeout
      return ask(clients.of(backend), request, { limit: answerLimit, timeout })
    },
  }
}

const authorization = (token: string): string[] => (token === '' ? [] : ['Authorization', `token ${token}`])
const isRefused = ({ status }: Answer): boolean => status === 401 || status === 403
