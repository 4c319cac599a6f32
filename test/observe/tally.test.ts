import t from 'tap'
import { type Ended, Tally } from '../../gateway/observe/tally.ts'
import { tallyMetrics } from '../../gateway/observe/tally-metrics.ts'

const plain: Ended = {
  route: 'kernel',
  status: 200,
  headMs: 3,
  firstByteMs: 30,
  bytesIn: 10,
  bytesOut: 100,
  failure: undefined,
}

function setUp() {
  const tally = new Tally()
  const webSockets = { opened: 2, bytesIn: 5, bytesOut: 50 }
  const metrics = () => tallyMetrics({ tally, lookups: { known: 4, probed: 1 }, webSockets, droppedLines: 9 })
  const values = (name: string) => metrics().find((metric) => metric.name === name)?.values ?? []
  const value = (name: string, labels: object = {}, metricName?: string) =>
    values(name).find((each) => sameLabels(each.labels, labels) && each.metricName === metricName)?.value
  return { tally, metrics, values, value }
}

const sameLabels = (a: object, b: object) =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort())

t.test('exchanges are told by route and status', async (t) => {
  const { tally, value, values } = setUp()
  tally.ended(plain)
  tally.ended(plain)
  tally.ended({ ...plain, status: 204 })
  tally.ended({ ...plain, status: 503, failure: 'backend-slow' })
  tally.ended({ ...plain, route: 'page', status: 0 })
  tally.ended({ ...plain, route: 'page', status: 999 })
  t.equal(value('pyli_exchanges_total', { route: 'kernel', class: '2xx', status: '200' }), 2)
  t.equal(value('pyli_exchanges_total', { route: 'kernel', class: '2xx', status: '204' }), 1)
  t.equal(value('pyli_exchanges_total', { route: 'kernel', class: '5xx', status: '503' }), 1)
  const none = { route: 'page', class: 'none', status: 'none' }
  t.equal(value('pyli_exchanges_total', none), 2, 'no status, and none that there is')
  t.equal(values('pyli_exchanges_total').length, 4, 'what never was is not told')
  t.equal(tally.exchanges, 6)
})

t.test('statuses that HTTP does not name are one for each class, however many a server makes up', async (t) => {
  const { tally, value, values } = setUp()
  for (let status = 430; status < 500; status++) tally.ended({ ...plain, status })
  t.equal(value('pyli_exchanges_total', { route: 'kernel', class: '4xx', status: 'other' }), 68)
  t.equal(value('pyli_exchanges_total', { route: 'kernel', class: '4xx', status: '431' }), 1)
  t.equal(values('pyli_exchanges_total').length, 3)
})

t.test('a time falls into its bucket and all above it, a bound into its own', async (t) => {
  const { tally, value } = setUp()
  const bucket = (le: number | string) => value('pyli_backend_head_seconds', { route: 'kernel', le }, bucketName)
  const bucketName = 'pyli_backend_head_seconds_bucket'
  for (const headMs of [2, 3, 61_000, undefined]) tally.ended({ ...plain, headMs })
  t.same([0.002, 0.005, 60, '+Inf'].map(bucket), [1, 2, 2, 3])
  t.equal(value('pyli_backend_head_seconds', { route: 'kernel' }, 'pyli_backend_head_seconds_count'), 3)
  t.equal(value('pyli_backend_head_seconds', { route: 'kernel' }, 'pyli_backend_head_seconds_sum'), 61.005)
})

t.test('a route that never asks a backend has no histogram of it', async (t) => {
  const { tally, values } = setUp()
  tally.ended({ ...plain, headMs: undefined })
  t.same(values('pyli_backend_head_seconds'), [])
  t.not(values('pyli_first_byte_seconds').length, 0)
})

t.test('refusals are told by reason, those of exchanges and those before there was one', async (t) => {
  const { tally, value } = setUp()
  tally.ended({ ...plain, failure: 'bad-host' })
  tally.refuse('bad-host')
  tally.refuse('head-too-slow')
  t.equal(value('pyli_refusals_total', { reason: 'bad-host' }), 2)
  t.equal(value('pyli_refusals_total', { reason: 'head-too-slow' }), 1)
  t.equal(tally.refused, 3)
})

t.test('bytes of open WebSockets are in the sum', async (t) => {
  const { tally, value } = setUp()
  tally.ended(plain)
  t.equal(value('pyli_received_bytes_total'), 15)
  t.equal(value('pyli_sent_bytes_total'), 150)
})

t.test('look-ups, WebSockets, handshakes and lost lines of the log are told', async (t) => {
  const { tally, value } = setUp()
  tally.handshake('resumed')
  tally.handshake('full')
  tally.handshake('resumed')
  tally.connections = 9
  tally.connectionsClosed = 4
  t.equal(value('pyli_owner_lookups_total', { way: 'probed' }), 1)
  t.equal(value('pyli_websockets_opened_total'), 2)
  t.equal(value('pyli_tls_handshakes_total', { outcome: 'resumed' }), 2)
  t.equal(value('pyli_tls_handshakes_total', { outcome: 'full' }), 1)
  t.equal(value('pyli_connections_open'), 5)
  t.equal(value('pyli_log_lines_dropped_total'), 9)
})
