import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { createAdmin } from '../../gateway/admin/admin.ts'
import { overviewOf } from '../../gateway/admin/overview.ts'
import { counter, sample } from '../../gateway/observe/metrics.ts'
import { fakeCluster } from '../fakes/fake-cluster.ts'
import { FakeOperations, fakeOverview } from '../fakes/fake-operations.ts'

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
  const admin = createAdmin(operations)
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
  const { get } = await setUp(t)
  t.equal((await get('/')).status, 404)
  t.equal((await get('/metrics/')).status, 404)
  for (const method of ['POST', 'PUT', 'DELETE']) t.equal((await get('/backends', method)).status, 405)
  t.equal((await get('/healthz', 'HEAD')).status, 200)
})
