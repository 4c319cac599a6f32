import type { ClusterFailureCode } from '../jupyter/cluster-failure.ts'
import type { BackendFailure, BackendFailureCode } from '../upstream/client.ts'

export type FailureCode =
  | BackendFailureCode
  | ClusterFailureCode
  | 'bad-request'
  | 'bad-target'
  | 'ambiguous-target'
  | 'bad-host'
  | 'bad-upgrade'
  | 'head-too-large'
  | 'head-too-slow'
  | 'target-too-long'
  | 'version-unknown'
  | 'body-too-slow'
  | 'bad-model'
  | 'model-too-large'
  | 'coding-unknown'
  | 'expectation-unknown'
  | 'route-refused'
  | 'misdirected'
  | 'too-many-connections'
  | 'too-many-of-client'
  | 'too-many-bodies'
  | 'too-many-logins'
  | 'overloaded'
  | 'client-gone'
  | 'internal'

export interface Failure {
  readonly who: 'client' | 'backend' | 'cluster' | 'gateway'
  readonly status: number
  /**
   * always: nothing was sent, so any request may go elsewhere. safe: GET and HEAD alone, which change nothing.
   * never: what was heard must not be said twice (a chunked PUT appends, a POST creates).
   */
  readonly retry: 'always' | 'safe' | 'never'
  /** Seconds after which the client may try again, where that makes sense. */
  readonly retryAfter?: number
  readonly message: string
}

/**
 * Who is to blame, what the client hears, whether to try again.
 *
 * No backend failure is answered 502 or 504, which HTTP would suggest: JupyterLab declares a kernel dead when
 * GET /api/kernels/<id> answers anything but 200, 404, 424 or 503 (services/src/kernel/default.ts: _createSocket).
 * With 503 it keeps the kernel and asks again until we know.
 */
export const failures: { readonly [code in FailureCode]: Failure } = {
  'backend-refused': {
    who: 'backend',
    status: 503,
    retry: 'always',
    retryAfter: 2,
    message: 'The Jupyter server cannot be reached now.',
  },
  'backend-reset': {
    who: 'backend',
    status: 503,
    retry: 'safe',
    retryAfter: 2,
    message: 'The Jupyter server ended the connection.',
  },
  'backend-cut': {
    who: 'backend',
    status: 503,
    retry: 'safe',
    retryAfter: 2,
    message: 'The Jupyter server ended its answer early.',
  },
  'backend-slow': {
    who: 'backend',
    status: 503,
    retry: 'safe',
    retryAfter: 5,
    message: 'The Jupyter server did not answer in time.',
  },
  'backend-broken': {
    who: 'backend',
    status: 503,
    retry: 'never',
    retryAfter: 5,
    message: 'The Jupyter server gave an answer that cannot be read.',
  },
  'no-backend': {
    who: 'cluster',
    status: 503,
    retry: 'never',
    retryAfter: 2,
    message: 'No Jupyter server is ready now.',
  },
  'owner-unreachable': {
    who: 'cluster',
    status: 503,
    retry: 'never',
    retryAfter: 2,
    message: 'The Jupyter server that this belongs to cannot be reached now.',
  },
  'list-incomplete': {
    who: 'cluster',
    status: 503,
    retry: 'never',
    retryAfter: 2,
    message: 'Not all Jupyter servers are known yet.',
  },
  'backend-busy': {
    who: 'cluster',
    status: 503,
    retry: 'never',
    retryAfter: 2,
    message: 'The Jupyter server has as much to do as it can do at a time.',
  },
  'request-cut': { who: 'client', status: 400, retry: 'never', message: 'The request ended early.' },
  'bad-request': { who: 'client', status: 400, retry: 'never', message: 'The request is not valid HTTP.' },
  'bad-target': { who: 'client', status: 400, retry: 'never', message: 'The address of the request is not valid.' },
  'ambiguous-target': {
    who: 'client',
    status: 400,
    retry: 'never',
    message: 'The address of the request can be read in two ways.',
  },
  'bad-host': {
    who: 'client',
    status: 400,
    retry: 'never',
    message: 'The request must have exactly one valid Host header.',
  },
  'bad-upgrade': { who: 'client', status: 400, retry: 'never', message: 'The WebSocket handshake is not valid.' },
  'head-too-large': { who: 'client', status: 431, retry: 'never', message: 'The request header is too large.' },
  'head-too-slow': { who: 'client', status: 408, retry: 'never', message: 'The request did not arrive in time.' },
  'target-too-long': { who: 'client', status: 414, retry: 'never', message: 'The address of the request is too long.' },
  'version-unknown': {
    who: 'client',
    status: 505,
    retry: 'never',
    message: 'The only versions of HTTP that are spoken are 1.1 and 1.0.',
  },
  'body-too-slow': { who: 'client', status: 408, retry: 'never', message: 'The request body did not arrive in time.' },
  'bad-model': {
    who: 'client',
    status: 400,
    retry: 'never',
    message: 'Invalid JSON in body of request.',
  },
  'model-too-large': {
    who: 'client',
    status: 413,
    retry: 'never',
    message: 'The request body is too large for this address.',
  },
  'body-too-large': { who: 'client', status: 413, retry: 'never', message: 'The request body is too large.' },
  'coding-unknown': {
    who: 'client',
    status: 501,
    retry: 'never',
    message: 'The only transfer coding that is understood is chunked.',
  },
  'expectation-unknown': {
    who: 'client',
    status: 417,
    retry: 'never',
    message: 'The only expectation that can be met is 100-continue.',
  },
  'route-refused': { who: 'gateway', status: 403, retry: 'never', message: 'This is not open here.' },
  misdirected: { who: 'client', status: 421, retry: 'never', message: 'Nothing is served here under this name.' },
  'too-many-connections': {
    who: 'gateway',
    status: 503,
    retry: 'never',
    retryAfter: 5,
    message: 'Too many connections are open.',
  },
  'too-many-of-client': {
    who: 'gateway',
    status: 503,
    retry: 'never',
    retryAfter: 5,
    message: 'Too many connections are open from your address.',
  },
  'too-many-bodies': {
    who: 'gateway',
    status: 503,
    retry: 'never',
    retryAfter: 5,
    message: 'Too many large requests are under way.',
  },
  // When to come again is told for each client.
  'too-many-logins': {
    who: 'client',
    status: 429,
    retry: 'never',
    message: 'Too many wrong passwords or tokens came from your address. Wait a little, then try again.',
  },
  overloaded: {
    who: 'gateway',
    status: 503,
    retry: 'never',
    retryAfter: 5,
    message: 'The gateway is short of memory and takes nothing new now.',
  },
  // 499 is heard by nobody: it is for the log.
  'client-gone': { who: 'client', status: 499, retry: 'never', message: 'The client went away.' },
  internal: { who: 'gateway', status: 500, retry: 'never', message: 'The gateway made a mistake; its log says which.' },
}

/** Whether a failed request may be sent again. Nothing of its answer has been passed on. */
export function mayRetry({ code, nothingSent }: BackendFailure, method: string): boolean {
  const { retry } = failures[code]
  return (retry === 'always' && nothingSent) || (retry === 'safe' && isSafe(method))
}

/** Whether a method changes nothing (RFC 9110 9.2.1), as far as it is ever repeated here. */
export function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}
