import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { createAdmin } from '../../gateway/admin/admin.ts'
import { overviewOf } from '../../gateway/admin/overview.ts'
import { minutes } from '../../gateway/config/units.ts'
import { createLog } from '../../gateway/observe/log.ts'
import { counter, sample } from '../../gateway/observe/metrics.ts'
import { fakeCluster } from '../fakes/fake-cluster.ts'
import { FakeOperations, fakeOverview } from '../fakes/fake-operations.ts'
import { listening } from '../fakes/listening.ts'

const open = { adminToken: undefined, portainer: undefined, allowHosts: [], loginAttempts: 'off' } as const

// The admin listener makes its own server: a free port on loopback.
async function setUp(t: Test) {
  const fake = fakeCluster()
  const state = { ending: false }
  const { cluster, clock } = fake
  const operations = new FakeOperations()
  operations.overview = async () => overviewOf({ ...fakeOverview(), cluster, ending: state.ending, now: clock.now })
  operations.metrics = async () => [counter('pyli_things_total', 'Things.', [sample(3, { kind: 'a' })])]
  const change = (verdict: 'drain' | 'restore') => async (key: string) => {
    const backend = cluster.pool.get(key)
    if (backend) cluster.pool[verdict](backend, 'operator')
    return backend !== undefined
  }
  Object.assign(operations, { drain: change('drain'), restore: change('restore') })
  const admin = createAdmin({ operations, config: open, log: createLog('off'), now: () => performance.now() })
  const { port } = (await admin.listen({ host: '127.0.0.1', port: 0 })) as AddressInfo
  t.teardown(() => admin.close())
  const get = async (path: string, method = 'GET', headers: Record<string, string> = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers })
    const text = await response.text()
    const type = response.headers.get('content-type')
    return { status: response.status, type, text, body: type === 'application/json' && text && JSON.parse(text) }
  }
  return { ...fake, state, operations, get }
}

t.test('alive as long as it answers', async (t) => {
  const { get } = await setUp(t)
  t.match(await get('/healthz'), { status: 200, type: 'application/json', body: { status: 'alive' } })
  t.equal((await get('/healthz?x=1')).status, 200)
})

t.test('connections that cannot be taken in, for want of files or memory, do not end the gateway', async (t) => {
  const servers = listening(t)
  const { get } = await setUp(t)
  for (const server of servers)
    for (let failed = 0; failed < 2; failed++) server.emit('error', new Error('accept ENFILE'))
  t.equal(servers.length, 1)
  t.equal((await get('/healthz')).status, 200)
})

t.test('ready as long as a newcomer could be served', async (t) => {
  const { get, cluster, members } = await setUp(t)
  t.match(await get('/readyz'), { status: 200, body: { status: 'ready', ready: 2, backends: 2 } })
  const [a, b] = members
  if (a) cluster.pool.judge(a.backend, 'fail', 'refused')
  t.match(await get('/readyz'), { status: 200, body: { ready: 1 } })
  if (b) cluster.pool.drain(b.backend, 'operator')
  t.match(await get('/readyz'), { status: 503, body: { status: 'waiting', ready: 0 } })
})

t.test('not ready from the first sign that it is to end, though alive', async (t) => {
  const { get, state } = await setUp(t)
  state.ending = true
  t.match(await get('/readyz'), { status: 503, body: { status: 'ending' } })
  t.equal((await get('/healthz')).status, 200)
})

t.test('each backend with its state, why, and what it carries', async (t) => {
  const { get, cluster, members } = await setUp(t)
  const [a, b] = members
  if (a) a.backend.carries = 4
  const lease = a && cluster.pool.claimOwner(a.backend)
  if (b) cluster.pool.judge(b.backend, 'fail', 'connect ECONNREFUSED')
  t.strictSame((await get('/backends')).body, {
    backends: [
      { address: '10.0.0.1:8001', state: 'ready', reason: 'answers', inFlight: 1, load: 5, kernels: 0 },
      { address: '10.0.0.1:8002', state: 'failing', reason: 'connect ECONNREFUSED', inFlight: 0, load: 0, kernels: 0 },
    ],
    webSockets: 3,
    workers: 1,
  })
  lease?.release()
})

t.test('one that drains does not make the gateway unready', async (t) => {
  const { get, cluster, members } = await setUp(t)
  if (members[0]) cluster.pool.drain(members[0].backend, 'says-so')
  t.match(await get('/readyz'), { status: 200, body: { status: 'ready', ready: 1, draining: 1, backends: 2 } })
})

t.test('an operator has a backend drained and restored, and hears what became of it', async (t) => {
  const { get } = await setUp(t)
  const drained = { status: 200, body: { address: '10.0.0.1:8001', state: 'draining', reason: 'an operator said so' } }
  t.match(await get('/backends/10.0.0.1:8001/drain', 'POST'), drained)
  t.match(await get('/backends/10.0.0.1%3A8001/drain', 'POST'), drained, 'however often, and however it is spelt')
  t.match(await get('/backends/10.0.0.1:8001/restore', 'POST'), { status: 200, body: { state: 'joining' } })
  t.match(await get('/backends/10.0.0.1:1/drain', 'POST'), {
    status: 404,
    body: { message: /no backend 10\.0\.0\.1:1/ },
  })
  for (const path of ['/backends/10.0.0.1:8001/drain', '/backends/10.0.0.1:8001'])
    t.not((await get(path)).status, 200, path)
})

t.test('a page of another origin cannot have a browser do that', async (t) => {
  const { get, members } = await setUp(t)
  const path = '/backends/10.0.0.1:8001/drain'
  const strangers = [{ Origin: 'https://evil.example' }, { Origin: 'null' }, { 'Sec-Fetch-Site': 'cross-site' }]
  for (const headers of strangers) t.equal((await get(path, 'POST', headers as Record<string, string>)).status, 403)
  t.equal(members[0]?.backend.state, 'ready')
})

t.test('metrics are what is counted, and what is true now, as Prometheus reads it', async (t) => {
  const { get, cluster, members } = await setUp(t)
  const [a, b] = members
  const lease = a && cluster.pool.claimOwner(a.backend)
  if (b) cluster.pool.judge(b.backend, 'fail', 'refused')
  const { status, type, text } = await get('/metrics')
  t.equal(status, 200)
  t.equal(type, 'text/plain; version=0.0.4; charset=utf-8')
  t.match(text, /^pyli_things_total\{kind="a"\} 3$/m)
  t.match(text, /^pyli_backend_in_flight\{backend="10\.0\.0\.1:8001"\} 1$/m)
  t.match(text, /^pyli_backend_state\{backend="10\.0\.0\.1:8002",state="failing"\} 1$/m)
  t.match(text, /^pyli_backend_state\{backend="10\.0\.0\.1:8002",state="ready"\} 0$/m)
  t.match(text, /^pyli_websockets_open 3$/m)
  lease?.release()
})

t.test('when the certificate ends is told in seconds since 1970, and nothing of it where there is none', async (t) => {
  const { get, operations } = await setUp(t)
  t.notMatch((await get('/metrics')).text, /^pyli_certificate_end_timestamp_seconds \d/m)
  const known = {
    subject: 'a',
    names: ['a'],
    issuer: 'b',
    daysLeft: 1,
    endsSoon: true,
    source: 'files',
    notAfter: '2027-01-01T00:00:00.000Z',
  }
  const lastRefusal = { at: '2026-12-01T00:00:00.000Z', reason: 'its key does not fit' }
  operations.overview = async () => fakeOverview({ certificate: { ...known, source: 'files', lastRefusal } })
  const { text } = await get('/metrics')
  t.match(text, /^pyli_certificate_end_timestamp_seconds 1798761600$/m)
  t.match(text, /^pyli_certificate_refused 1$/m)
})

t.test('what fails is said, and what is asked next is answered', async (t) => {
  const { get, operations } = await setUp(t)
  operations.metrics = () => Promise.reject(new Error('A worker did not say in time what it counts.'))
  t.match(await get('/metrics'), { status: 500, body: { message: 'A worker did not say in time what it counts.' } })
  t.equal((await get('/healthz')).status, 200)
})

t.test('nothing else is there, and nothing can be changed', async (t) => {
  const { get, operations } = await setUp(t)
  t.equal((await get('/')).status, 404)
  t.equal((await get('/metrics/')).status, 404)
  for (const method of ['POST', 'PUT', 'DELETE']) t.equal((await get('/backends', method)).status, 405)
  t.match(await get('/backends/10.0.0.1:8001/drian', 'POST'), {
    status: 405,
    body: { message: /\/drain and \/restore/ },
  })
  operations.drain = async () => undefined
  t.match(await get('/backends/10.0.0.1:8001/drain', 'POST'), {
    status: 503,
    body: { message: /No worker has said in time/ },
  })
  t.equal((await get('/healthz', 'HEAD')).status, 200)
})

const token = 'an-operators-token'

async function guarded(t: Test) {
  const loginAttempts = { count: 3, time: minutes(1) }
  const config = { adminToken: token, portainer: undefined, allowHosts: [], loginAttempts }
  const operations = new FakeOperations()
  const admin = createAdmin({ operations, config, log: createLog('off'), now: () => performance.now() })
  const { port } = (await admin.listen({ host: '127.0.0.1', port: 0 })) as AddressInfo
  t.teardown(() => admin.close())
  const origin = `http://127.0.0.1:${port}`
  const ask = (path: string, init: RequestInit = {}) => fetch(`${origin}${path}`, init)
  const login = (given: string, headers: Record<string, string> = {}) =>
    ask('/login', {
      method: 'POST',
      body: JSON.stringify({ token: given }),
      headers: { 'Content-Type': 'application/json', Origin: origin, ...headers },
    })
  return { admin, config, operations, origin, ask, login }
}

const bearer = { Authorization: `Bearer ${token}` }
const cookieOf = (answer: Response) => (answer.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? ''

t.test('with a token, what tells of backends or changes them needs it, and what machines watch does not', async (t) => {
  const { ask } = await guarded(t)
  for (const path of ['/healthz', '/readyz', '/metrics']) t.equal((await ask(path)).status, 200, path)
  const drain = '/backends/10.0.0.1:8001/drain'
  for (const [path, method] of [
    ['/backends', 'GET'],
    ['/overview', 'GET'],
    ['/session', 'GET'],
    [drain, 'POST'],
    ['/logout', 'POST'],
  ] as const) {
    const refused = await ask(path, { method })
    t.equal(refused.status, 401, path)
    t.equal(refused.headers.get('www-authenticate'), 'Bearer')
    t.equal((await ask(path, { method, headers: bearer })).status, 200, path)
  }
})

t.test('the token begins a session, which a cookie carries that no script and no other site gets', async (t) => {
  const { ask, login, origin } = await guarded(t)
  const answer = await login(token)
  t.equal(answer.status, 200)
  t.match(
    answer.headers.get('set-cookie'),
    /^pyli-operator=[\w.-]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
  )
  t.notMatch(answer.headers.get('set-cookie'), token)
  const headers = { Cookie: cookieOf(answer) }
  t.equal((await ask('/backends', { headers })).status, 200)
  t.equal((await ask('/backends/10.0.0.1:8001/drain', { method: 'POST', headers })).status, 200)
  const foreign = { ...headers, Origin: 'http://evil.example' }
  t.equal((await ask('/backends/10.0.0.1:8001/drain', { method: 'POST', headers: foreign })).status, 403)
  const byProxy = await login(token, { Origin: origin.replace('http:', 'https:') })
  t.match(byProxy.headers.get('set-cookie'), /; Secure$/)
  const out = await ask('/logout', { method: 'POST', headers })
  t.match(out.headers.get('set-cookie'), /^pyli-operator=; Path=\/; Max-Age=0;/)
})

t.test('a wrong token is refused, and after a few every one, with when to come again', async (t) => {
  const { login } = await guarded(t)
  for (const guess of ['a', 'b', 'c']) t.equal((await login(guess)).status, 401)
  const late = await login(token)
  t.equal(late.status, 429)
  t.match(late.headers.get('retry-after'), /^(60|59)$/)
})

t.test('a login is one small piece of JSON and nothing else', async (t) => {
  const { ask, login, origin } = await guarded(t)
  const headers = { 'Content-Type': 'application/json', Origin: origin }
  for (const body of ['', '{', '[]', 'null', '{"token":1}', '{"token":""}', `{"token":"${'x'.repeat(5000)}"}`]) {
    const status = await ask('/login', { method: 'POST', body, headers }).then((answer) => answer.status)
    t.equal(status, 400, body.slice(0, 20))
  }
  t.equal((await login(token, { 'Content-Type': 'application/x-www-form-urlencoded' })).status, 400)
  t.equal((await ask('/login')).status, 404)
})

t.test('another token, read while the gateway runs, ends the sessions of the one before', async (t) => {
  const { admin, config, origin, ask, login } = await guarded(t)
  const headers = { Cookie: cookieOf(await login(token)) }
  t.equal((await ask('/session', { headers })).status, 200)
  const viewer = new WebSocket(`${origin.replace('http', 'ws')}/feed`, { headers: { ...headers, Origin: origin } })
  await once(viewer, 'message')
  admin.renew(config)
  t.equal((await ask('/session', { headers })).status, 200, 'the same token ends nothing')
  admin.renew({ ...config, adminToken: 'another-operators-token' })
  t.equal((await ask('/session', { headers })).status, 401)
  t.equal((await once(viewer, 'close'))[0], 4401)
})

t.test('each file of the page comes with its type, and may do nothing but what it needs', async (t) => {
  const { ask } = await guarded(t)
  const page = await (await ask('/')).text()
  const linked = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => `/${path}`)
  t.ok(linked.length >= 3)
  for (const path of ['/', ...linked]) {
    const answer = await ask(path)
    t.equal(answer.status, 200, path)
    t.match(answer.headers.get('content-security-policy'), /^default-src 'none'; script-src 'self'; style-src 'self';/)
    t.equal(answer.headers.get('x-content-type-options'), 'nosniff')
    t.equal(answer.headers.get('referrer-policy'), 'no-referrer')
  }
  for (const path of ['/page/main.js', '/../admin.ts', '/%2e%2e/admin.ts', '/constructor']) {
    t.equal((await ask(path)).status, 404, path)
  }
})

t.test('without a token there is no page, and `/` says what would make one', async (t) => {
  const { get } = await setUp(t)
  t.match(await get('/'), { status: 404, body: { message: /--admin-token-file FILE/ } })
  for (const path of ['/main.js', '/session/', '/feed', '/overview']) t.equal((await get(path)).status, 404, path)
  t.equal((await get('/login', 'POST')).status, 405)
})
