import t from 'tap'
import type { Backend } from '../../gateway/pool/backend.ts'
import { Pool } from '../../gateway/pool/pool.ts'
import { seededRandom } from '../fakes/seeded-random.ts'

const slowStart = 10_000

function poolAt(clock: { now: number }): Pool {
  return new Pool({ now: () => clock.now, random: seededRandom(3), slowStart })
}

function join(pool: Pool, port: number): Backend {
  const backend = pool.add({ host: '10.0.0.1', port })
  pool.judge(backend, 'pass', 'answers')
  return backend
}

t.test('an address is one backend, however often discovery tells of it', async (t) => {
  const added: string[] = []
  const pool = poolAt({ now: 0 })
  pool.listen({ backendAdded: ({ key }) => void added.push(key) })
  const first = pool.add({ host: '10.0.0.1', port: 8888 })
  t.equal(pool.add({ host: '10.0.0.1', port: 8888 }), first)
  pool.add({ host: 'fd00::1', port: 8888 })
  t.same(added, ['10.0.0.1:8888', '[fd00::1]:8888'])
  t.equal(pool.get('10.0.0.1:8888'), first)
})

t.test('a backend takes nobody before it is ready', async (t) => {
  const pool = poolAt({ now: 0 })
  const backend = pool.add({ host: '10.0.0.1', port: 8001 })
  t.equal(pool.claimLeastLoaded(), undefined)
  t.equal(pool.claimByAffinity('a.ipynb'), undefined)
  pool.judge(backend, 'pass', 'answers')
  t.equal(pool.claimLeastLoaded()?.backend, backend)
})

t.test('listeners hear of a change of state, and not of a verdict that changes nothing', async (t) => {
  const heard: string[] = []
  const pool = poolAt({ now: 0 })
  pool.listen({ backendChanged: ({ state, reason }) => void heard.push(`${state}: ${reason}`) })
  const backend = join(pool, 8001)
  pool.judge(backend, 'pass', 'answers')
  pool.judge(backend, 'fail', 'refused')
  pool.judge(backend, 'fail', 'refused')
  t.same(heard, ['ready: answers', 'failing: refused'])
})

t.test('backends that become ready together at the start are not slowed', async (t) => {
  const clock = { now: 0 }
  const pool = poolAt(clock)
  const first = join(pool, 8001)
  clock.now = 4_000
  const second = join(pool, 8002)
  t.equal(first.warmingSince, undefined)
  t.equal(second.warmingSince, undefined)
})

t.test('a backend that becomes ready beside others that have long served is', async (t) => {
  const clock = { now: 0 }
  const pool = poolAt(clock)
  join(pool, 8001)
  clock.now = 60_000
  const late = join(pool, 8002)
  t.equal(late.warmingSince, 60_000)
  const leases = Array.from({ length: 30 }, () => pool.claimLeastLoaded())
  const got = leases.filter((lease) => lease?.backend === late).length
  t.ok(got > 0 && got < 10, `${got} of 30`)
})

t.test('one that comes back alone, the others being down, is not', async (t) => {
  const clock = { now: 0 }
  const pool = poolAt(clock)
  const first = join(pool, 8001)
  const second = join(pool, 8002)
  clock.now = 60_000
  pool.judge(first, 'fail', 'refused')
  pool.judge(second, 'fail', 'refused')
  clock.now = 70_000
  pool.judge(first, 'pass', 'answers')
  t.equal(first.warmingSince, undefined)
})

t.test('those that were tried are left out, and then there is nobody', async (t) => {
  const pool = poolAt({ now: 0 })
  const a = join(pool, 8001)
  const b = join(pool, 8002)
  t.equal(pool.claimLeastLoaded(new Set([a]))?.backend, b)
  t.equal(pool.claimByAffinity('x', new Set([a]))?.backend, b)
  t.equal(pool.claimLeastLoaded(new Set([a, b])), undefined)
  t.equal(pool.claimByAffinity('x', new Set([a, b])), undefined)
  t.equal(a.inFlight, 0)
})

t.test('a removed backend is told of once and chosen no more', async (t) => {
  const removed: string[] = []
  const pool = poolAt({ now: 0 })
  pool.listen({ backendRemoved: ({ key }) => void removed.push(key) })
  const backend = join(pool, 8001)
  pool.remove(backend)
  pool.remove(backend)
  t.same(removed, ['10.0.0.1:8001'])
  t.equal(pool.claimLeastLoaded(), undefined)
})

t.test('a backend drains until the last cause is taken back, each by whoever gave it', async (t) => {
  const pool = poolAt({ now: 0 })
  const backend = join(pool, 8001)
  pool.drain(backend, 'operator')
  pool.drain(backend, 'left-discovery')
  t.equal(backend.state, 'draining')
  t.equal(backend.reason, 'an operator said so; discovery does not name it')
  pool.restore(backend, 'left-discovery')
  pool.restore(backend, 'says-so')
  t.equal(backend.state, 'draining', 'an operator’s word stands')
  pool.judge(backend, 'pass', 'answers')
  t.equal(backend.reason, 'an operator said so', 'whatever its probes say')
  pool.restore(backend, 'operator')
  t.equal(backend.state, 'joining', 'it is looked at before it serves')
  pool.judge(backend, 'pass', 'answers')
  t.equal(backend.state, 'ready')
})

t.test('one that drains and stops answering is failing, and drains again when it is back', async (t) => {
  const clock = { now: 0 }
  const pool = poolAt(clock)
  const backend = join(pool, 8001)
  pool.drain(backend, 'left-discovery')
  clock.now = 1_000
  pool.judge(backend, 'fail', 'connect ECONNREFUSED')
  t.equal(backend.state, 'failing')
  t.equal(backend.since, 1_000)
  t.equal(backend.reason, 'connect ECONNREFUSED; discovery does not name it')
  pool.judge(backend, 'pass', 'answers')
  t.equal(backend.state, 'draining')
  t.equal(pool.claimLeastLoaded(), undefined)
})

t.test('guests are served by one that drains, but only where nobody is ready', async (t) => {
  const pool = poolAt({ now: 0 })
  const draining = join(pool, 8001)
  const ready = join(pool, 8002)
  pool.drain(draining, 'operator')
  for (let i = 0; i < 20; i++) {
    t.equal(pool.claimLeastLoaded(undefined, 'guest')?.backend, ready)
    t.equal(pool.claimByAffinity(`${i}.ipynb`, undefined, 'guest')?.backend, ready)
  }
  pool.judge(ready, 'fail', 'refused')
  t.equal(pool.claimLeastLoaded(undefined, 'guest')?.backend, draining)
  t.equal(pool.claimByAffinity('a.ipynb', undefined, 'guest')?.backend, draining)
  t.equal(pool.claimLeastLoaded(), undefined, 'a newcomer is not')
  pool.judge(draining, 'fail', 'refused')
  t.equal(pool.claimLeastLoaded(undefined, 'guest'), undefined, 'and nobody by one that does not answer')
})

t.test('newcomers and guests go to a slow backend only where nobody is ready', async (t) => {
  const pool = poolAt({ now: 0 })
  const [slow, other] = [join(pool, 8001), join(pool, 8002)]
  pool.judge(slow, 'late', 'no answer in time')
  for (const as of ['newcomer', 'guest'] as const) {
    for (let i = 0; i < 5; i++)
      t.equal(pool.claimLeastLoaded(new Set(), as)?.backend, other, 'though it has more to do')
    t.equal(pool.claimLeastLoaded(new Set([other]), as)?.backend, slow)
  }
  pool.judge(other, 'fail', 'refused')
  t.equal(pool.claimLeastLoaded()?.backend, slow)
})
