import t from 'tap'
import { type DrainNews, Drains } from '../../gateway/control/drains.ts'
import { createLog } from '../../gateway/observe/log.ts'
import { Pool } from '../../gateway/pool/pool.ts'

const address = { host: '10.0.0.1', port: 8888 }
const key = '10.0.0.1:8888'

/** One process that knows the backend, which gives this answer when it is told. */
function setUp(answer: number | Error = 404) {
  const pool = new Pool({ now: () => 0, random: () => 0, slowStart: 0 })
  const told: DrainNews[] = []
  const backendTold: string[] = []
  const warnings: unknown[] = []
  let time = 100
  const drains = new Drains({
    pool,
    log: createLog('json', {
      write: (line) => void warnings.push(...[JSON.parse(line)].filter((l) => l.level === 'warn')),
    }),
    tell: async (news) => void told.push(news),
    clock: () => ++time,
    tellBackend: async (_, verdict) => {
      backendTold.push(verdict)
      if (answer instanceof Error) throw answer
      return answer
    },
  })
  const backend = pool.add(address)
  pool.judge(backend, 'pass', 'answers')
  return { pool, drains, backend, told, backendTold, warnings }
}

t.test('an operator’s word holds until it is taken back', async (t) => {
  const { drains, backend, pool } = setUp()
  t.equal(await drains.change({ key, verdict: 'drain' }), true)
  t.equal(backend.state, 'draining')
  pool.restore(backend, 'left-discovery')
  pool.restore(backend, 'says-so')
  t.equal(backend.state, 'draining')
  t.equal(await drains.change({ key, verdict: 'restore' }), true)
  t.equal(backend.state, 'joining')
})

t.test('restored is what the operator drained, not what drains for another reason', async (t) => {
  const { drains, backend, pool } = setUp()
  pool.drain(backend, 'says-so')
  await drains.change({ key, verdict: 'restore' })
  t.equal(backend.state, 'draining')
})

t.test('a backend that nobody knows cannot be drained', async (t) => {
  const { drains, told, backendTold } = setUp()
  t.equal(await drains.change({ key: '10.0.0.9:8888', verdict: 'drain' }), false)
  t.same([told, backendTold, drains.held], [[], [], []])
})

t.test('the other workers and the backend are told', async (t) => {
  const { drains, told, backendTold } = setUp()
  await drains.change({ key, verdict: 'drain' })
  await drains.change({ key, verdict: 'restore' })
  t.same(told, [
    { key, verdict: 'drain', at: 101 },
    { key, verdict: 'restore', at: 102 },
  ])
  t.same(backendTold, ['drain', 'restore'])
})

t.test('a backend that offers to be told, or offers none, is no trouble; any other answer is', async (t) => {
  for (const answer of [200, 204, 404, 405]) {
    const { drains, warnings } = setUp(answer)
    await drains.change({ key, verdict: 'drain' })
    t.same(warnings, [], `${answer}`)
  }
  for (const answer of [403, 500, new Error('refused')]) {
    const { drains, warnings, backend } = setUp(answer)
    await drains.change({ key, verdict: 'drain' })
    t.equal(warnings.length, 1, `${answer}`)
    t.equal(backend.state, 'draining', 'and it drains all the same')
  }
})

t.test('what another worker was told holds here too, and is not told on', async (t) => {
  const { drains, backend, told, backendTold } = setUp()
  drains.hear({ key, verdict: 'drain', at: 1 })
  t.equal(backend.state, 'draining')
  drains.hear({ key, verdict: 'restore', at: 2 })
  t.equal(backend.state, 'joining')
  t.same([told, backendTold], [[], []])
})

t.test('it holds for a backend that is met only later, also in a worker that starts later', async (t) => {
  const first = setUp()
  await first.drains.change({ key, verdict: 'drain' })
  const pool = new Pool({ now: () => 0, random: () => 0, slowStart: 0 })
  const late = new Drains({
    pool,
    log: createLog('off'),
    tell: async () => {},
    tellBackend: async () => 404,
    clock: () => 0,
  })
  for (const news of JSON.parse(JSON.stringify(first.drains.held))) late.hear(news)
  t.equal(pool.add(address).state, 'draining')
})

t.test('it is forgotten with the backend', async (t) => {
  const { drains, pool, backend } = setUp()
  await drains.change({ key, verdict: 'drain' })
  pool.remove(backend)
  t.same(drains.held, [])
  t.equal(pool.add(address).state, 'joining')
})

t.test('of two words the later holds, in whatever order they are heard', async (t) => {
  const { drains, backend } = setUp()
  drains.hear({ key, verdict: 'restore', at: 2 })
  drains.hear({ key, verdict: 'drain', at: 1 })
  t.equal(backend.state, 'ready')
})

t.test('a worker that starts late with an old state file is told that the backend was restored', async (t) => {
  const first = setUp()
  first.drains.hear({ key, verdict: 'drain', at: 0 })
  await first.drains.change({ key, verdict: 'restore' })
  for (const order of ['file first', 'file last']) {
    const { drains, backend } = setUp()
    if (order === 'file first') drains.hear({ key, verdict: 'drain', at: 0 })
    for (const news of first.drains.held) drains.hear(news)
    if (order === 'file last') drains.hear({ key, verdict: 'drain', at: 0 })
    t.not(backend.state, 'draining', order)
  }
})

t.test('what a server says no more, an operator of this gateway says no more', async (t) => {
  const { drains, backend, pool } = setUp(200)
  await drains.change({ key, verdict: 'drain' })
  pool.drain(backend, 'says-so')
  drains.takenBack(backend)
  pool.restore(backend, 'says-so')
  t.equal(backend.state, 'joining')
  t.match(drains.held, [{ verdict: 'restore' }], 'also for a worker that starts later')
})
