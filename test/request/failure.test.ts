import t from 'tap'
import { type Failure, type FailureCode, failures, mayRetry } from '../../gateway/request/failure.ts'
import { BackendFailure, type BackendFailureCode } from '../../gateway/upstream/client.ts'

const all = Object.entries(failures) as [FailureCode, Failure][]
const ofServers = all.filter(([, { who }]) => who === 'backend' || who === 'cluster')

t.test('no failure of a backend is answered 502 or 504, at which JupyterLab gives up the kernel', async (t) => {
  for (const [code, { status }] of all) t.notOk([502, 504].includes(status), code)
  t.ok(ofServers.length >= 8)
  for (const [code, { status, retryAfter }] of ofServers) {
    t.equal(status, 503, code)
    t.ok(retryAfter !== undefined && retryAfter >= 1, `${code} says when to come back`)
  }
})

t.test('the client’s own mistakes are 4xx and never retried', async (t) => {
  for (const [code, { who, status, retry }] of all) {
    if (who !== 'client') continue
    const unknown = code === 'coding-unknown' || code === 'version-unknown' // 501, 505: RFC 9112 6.1, RFC 9110 15.6.6
    t.ok((status >= 400 && status < 500) || unknown, code)
    t.equal(retry, 'never', code)
  }
})

t.test('each failure is one sentence', async (t) => {
  for (const [code, { message }] of all) t.match(message, /^[A-Z].+\.$/, code)
})

const failed = (code: FailureCode, nothingSent: boolean) =>
  new BackendFailure(code as BackendFailureCode, 'as told', nothingSent)

t.test('where nothing was sent, any request may go elsewhere', async (t) => {
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    t.equal(mayRetry(failed('backend-refused', true), method), true, method)
  }
  t.equal(mayRetry(failed('backend-refused', false), 'POST'), false)
})

t.test('after that GET and HEAD alone', async (t) => {
  for (const code of ['backend-reset', 'backend-cut', 'backend-slow'] as const) {
    for (const method of ['GET', 'HEAD']) t.equal(mayRetry(failed(code, false), method), true, `${code} ${method}`)
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      t.equal(mayRetry(failed(code, false), method), false, `${code} ${method}`)
    }
  }
})

t.test('nothing else is retried', async (t) => {
  for (const [code] of all) {
    if (['backend-refused', 'backend-reset', 'backend-cut', 'backend-slow'].includes(code)) continue
    for (const nothingSent of [true, false]) t.equal(mayRetry(failed(code, nothingSent), 'GET'), false, code)
  }
})
