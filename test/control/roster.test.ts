import t from 'tap'
import { Roster } from '../../gateway/control/roster.ts'
import type { Backend } from '../../gateway/pool/backend.ts'
import { Pool } from '../../gateway/pool/pool.ts'

const [a, b, c] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((host) => ({ host, port: 8888 })) as [Named, Named, Named]
type Named = { host: string; port: number }
const goneAfter = 30_000
const forgetAfter = 60_000

/** Three backends that discovery has named and that are ready, busy as long as `busy` holds them. */
function setUp({ named = [a, b, c] } = {}) {
  const clock = { now: 100_000 }
  const now = () => clock.now
  const pool = new Pool({ now, random: () => 0, slowStart: 0 })
  const busy = new Set<string>(named.map(({ host }) => host))
  const isGone = (backend: Backend) => backend.state === 'failing' && clock.now - backend.since >= goneAfter
  const roster = new Roster({ pool, now, isGone, isIdle: ({ host }) => !busy.has(host), forgetAfter })
  roster.named(named)
  for (const backend of pool.all()) pool.judge(backend, 'pass', 'answers')
  const of = ({ host, port }: Named) => pool.get(`${host}:${port}`)
  const states = () => pool.all().map(({ state }) => state)
  return { clock, pool, roster, busy, of, states }
}

t.test('new addresses are added, and those that were known go on as they were', async (t) => {
  const { roster, states } = setUp({ named: [a, b] })
  roster.named([a, b, c])
  t.same(states(), ['ready', 'ready', 'joining'])
})

t.test('an address that left discovery drains, and serves again when it is back', async (t) => {
  const { roster, pool, of } = setUp()
  roster.named([a, b])
  t.equal(of(c)?.state, 'draining')
  t.equal(of(c)?.reason, 'discovery does not name it')
  t.ok(of(c)?.admits('owner'))
  roster.named([a, b, c])
  t.equal(of(c)?.state, 'joining')
  pool.judge(of(c) as Backend, 'pass', 'answers')
  t.equal(of(c)?.state, 'ready')
})

t.test('one that an operator drained, or that says so itself, still does when discovery names it again', async (t) => {
  for (const cause of ['operator', 'says-so'] as const) {
    const { roster, pool, of } = setUp()
    pool.drain(of(c) as Backend, cause)
    roster.named([a, b])
    roster.named([a, b, c])
    t.equal(of(c)?.state, 'draining', cause)
  }
})

t.test('an empty answer means that discovery does not know', async (t) => {
  const { roster, states } = setUp()
  roster.named([])
  t.same(states(), ['ready', 'ready', 'ready'])
})

t.test('one that left and stops answering is forgotten once it is gone, and no sooner', async (t) => {
  const { roster, pool, clock, of } = setUp()
  roster.named([a, b])
  pool.judge(of(c) as Backend, 'fail', 'refused')
  clock.now += goneAfter - 1
  roster.sweep()
  t.ok(of(c))
  clock.now += 1
  roster.sweep()
  t.notOk(of(c))
})

t.test('one that left and is idle is forgotten after a while without a break', async (t) => {
  const { roster, clock, busy, of } = setUp()
  roster.named([a, b])
  const pass = (time: number) => {
    clock.now += time
    roster.sweep()
  }
  pass(forgetAfter * 2)
  t.ok(of(c), 'not while something lives in it')
  busy.clear()
  pass(0)
  pass(forgetAfter - 1)
  t.ok(of(c))
  busy.add(c.host)
  pass(1)
  busy.clear()
  pass(1)
  pass(forgetAfter - 1)
  t.ok(of(c), 'what came meanwhile starts the time anew')
  pass(1)
  t.notOk(of(c))
  t.ok(of(a) && of(b))
})

t.test('a time that it was idle in while discovery named it does not count', async (t) => {
  const { roster, clock, busy, of } = setUp()
  busy.clear()
  roster.sweep()
  clock.now += forgetAfter * 2
  roster.sweep()
  roster.named([a, b])
  roster.sweep()
  t.ok(of(c))
})

t.test('whoever discovery names is never forgotten, not even all of them together', async (t) => {
  const { roster, pool, clock, busy, states } = setUp()
  busy.clear()
  for (const backend of pool.all()) pool.drain(backend, 'operator')
  for (const backend of pool.all()) pool.judge(backend, 'fail', 'refused')
  clock.now += 24 * 3_600_000
  roster.sweep()
  roster.sweep()
  t.same(states(), ['failing', 'failing', 'failing'])
})

t.test('an address from an earlier gateway drains until discovery names it', async (t) => {
  const { roster, pool, of, clock } = setUp({ named: [a, b] })
  roster.remembered(a)
  roster.remembered(c)
  t.equal(of(a)?.state, 'ready', 'discovery knows better')
  t.equal(of(c)?.state, 'draining')
  pool.judge(of(c) as Backend, 'pass', 'answers')
  t.equal(of(c)?.state, 'draining', 'also if it is well')
  roster.named([a, b, c])
  t.equal(of(c)?.state, 'joining')
  roster.named([a, b])
  pool.judge(of(c) as Backend, 'fail', 'no route')
  clock.now += goneAfter
  roster.sweep()
  t.notOk(of(c))
})
