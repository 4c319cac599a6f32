import t from 'tap'
import { Health } from '../../gateway/control/health.ts'
import type { Backend } from '../../gateway/pool/backend.ts'
import { Pool } from '../../gateway/pool/pool.ts'

function setUp() {
  const clock = { now: 0 }
  const pool = new Pool({ now: () => clock.now, random: () => 0, slowStart: 0 })
  const health = new Health({ pool, rise: 2, fall: 3, busyFor: 30_000, now: () => clock.now })
  const backend = pool.add({ host: '10.0.0.1', port: 8888 })
  return { clock, pool, health, backend }
}

function ready() {
  const all = setUp()
  all.health.passed(all.backend)
  return all
}

t.test('a backend that joins needs one pass', async (t) => {
  const { health, backend } = setUp()
  health.passed(backend)
  t.equal(backend.state, 'ready')
  t.equal(backend.reason, 'answers')
})

t.test('it fails after so many failures in a row, and not before', async (t) => {
  const { health, backend } = ready()
  health.failed(backend, 'silent')
  health.failed(backend, 'silent')
  t.equal(backend.state, 'ready')
  health.failed(backend, 'refused')
  t.equal(backend.state, 'failing')
  t.equal(backend.reason, 'refused')
})

t.test('a pass between them starts the count anew', async (t) => {
  const { health, backend } = ready()
  for (let i = 0; i < 5; i++) {
    health.failed(backend, 'silent')
    health.failed(backend, 'silent')
    health.passed(backend)
  }
  t.equal(backend.state, 'ready')
})

t.test('a failing one comes back after so many passes in a row', async (t) => {
  const { health, backend } = ready()
  for (let i = 0; i < 3; i++) health.failed(backend, 'refused')
  health.passed(backend)
  t.equal(backend.state, 'failing')
  health.failed(backend, 'refused')
  health.passed(backend)
  t.equal(backend.state, 'failing', 'a failure between them starts the count anew')
  health.passed(backend)
  t.equal(backend.state, 'ready')
})

t.test('one that drains does so through all its probes, and is failing while it does not answer', async (t) => {
  const { health, pool, backend } = ready()
  pool.drain(backend, 'operator')
  for (let i = 0; i < 5; i++) health.passed(backend)
  t.equal(backend.state, 'draining')
  t.equal(backend.reason, 'an operator said so')
  for (let i = 0; i < 3; i++) health.failed(backend, 'refused')
  t.equal(backend.state, 'failing')
  health.passed(backend)
  t.equal(backend.state, 'failing', 'one answer is not enough')
  health.passed(backend)
  t.equal(backend.state, 'draining')
})

t.test('a hundred exchanges that fail at one moment count as one failure', async (t) => {
  const { clock, health, backend } = ready()
  const counted = Array.from({ length: 100 }, () => health.failedPassively(backend, 'reset')).filter(Boolean).length
  t.equal(counted, 1)
  t.equal(backend.state, 'ready')
  clock.now = 249
  t.equal(health.failedPassively(backend, 'reset'), false)
  clock.now = 250
  t.equal(health.failedPassively(backend, 'reset'), true)
  clock.now = 500
  t.equal(health.failedPassively(backend, 'reset'), true)
  t.equal(backend.state, 'failing')
})

t.test('failures of traffic and of probes are one count', async (t) => {
  const { health, backend } = ready()
  health.failedPassively(backend, 'reset')
  health.failed(backend, 'silent')
  health.failed(backend, 'silent')
  t.equal(backend.state, 'failing')
})

t.test('each backend has counts of its own', async (t) => {
  const { health, pool, backend } = ready()
  const other = pool.add({ host: '10.0.0.2', port: 8888 })
  health.passed(other)
  for (let i = 0; i < 3; i++) health.failed(backend, 'refused')
  t.equal(backend.state, 'failing')
  t.equal(other.state, 'ready')
})

t.test(
  'one that is found beside others that serve takes newcomers when other gateways have found it too',
  async (t) => {
    const { clock, pool, health } = ready()
    clock.now = 60_000
    const late = pool.add({ host: '10.0.0.2', port: 8888 })
    health.passed(late)
    t.equal(late.state, 'joining')
    t.equal(late.reason, 'answers; other gateways may not have found it yet')
    clock.now += 2_999
    health.passed(late)
    t.equal(late.state, 'joining')
    clock.now += 1
    health.passed(late)
    t.equal(late.state, 'ready')
  },
)

t.test('but at once where nobody else serves, and where all are found together', async (t) => {
  const { clock, pool, health, backend } = ready()
  clock.now = 1_000
  const second = pool.add({ host: '10.0.0.2', port: 8888 })
  health.passed(second)
  t.equal(second.state, 'ready', 'together')
  for (const other of [backend, second]) for (let i = 0; i < 3; i++) health.failed(other, 'refused')
  clock.now = 60_000
  const successor = pool.add({ host: '10.0.0.3', port: 8888 })
  health.passed(successor)
  t.equal(successor.state, 'ready', 'alone')
})

t.test('one that answered a moment ago and is late now is slow, until it has been so for half a minute', async (t) => {
  const { clock, health, backend } = ready()
  for (let i = 0; i < 3; i++) health.failed(backend, 'no answer in time', { late: true })
  t.equal(backend.state, 'slow')
  t.equal(backend.reason, 'no answer in time')
  clock.now = 29_999
  health.failed(backend, 'no answer in time', { late: true })
  t.equal(backend.state, 'slow')
  clock.now = 30_000
  health.failed(backend, 'no answer in time', { late: true })
  t.equal(backend.state, 'failing')
})

t.test('a slow one that cannot be reached any more fails at once, and one that answers comes back', async (t) => {
  for (const [act, state] of [
    [(health: Health, backend: Backend) => health.failed(backend, 'refused'), 'failing'],
    [(health: Health, backend: Backend) => [1, 2].map(() => health.passed(backend)), 'ready'],
  ] as const) {
    const { health, backend } = ready()
    for (let i = 0; i < 3; i++) health.failed(backend, 'no answer in time', { late: true })
    act(health, backend)
    t.equal(backend.state, state)
  }
})

t.test('one that has never answered is not slow but failing', async (t) => {
  const { health, backend } = setUp()
  for (let i = 0; i < 3; i++) health.failed(backend, 'no answer in time', { late: true })
  t.equal(backend.state, 'failing')
})
