import t from 'tap'
import { Heartbeat } from '../../gateway/workers/heartbeat.ts'

function setUp() {
  const clock = { now: 0 }
  const asked: number[] = []
  const killed: number[] = []
  const heartbeat = new Heartbeat({
    now: () => clock.now,
    ask: (worker) => asked.push(worker),
    kill: (worker) => killed.push(worker),
  })
  /** A beat every five seconds. */
  const pass = (seconds: number, each: () => void = () => {}) => {
    for (let passed = 0; passed < seconds; passed += 5) {
      clock.now += 5_000
      each()
      heartbeat.beat()
    }
  }
  return { heartbeat, clock, asked, killed, pass }
}

t.test('a worker that says nothing for half a minute is killed, one that answers is not', async (t) => {
  const { heartbeat, killed, pass } = setUp()
  heartbeat.heard(1)
  heartbeat.heard(2)
  pass(30, () => heartbeat.heard(2))
  t.strictSame(killed, [])
  pass(5, () => heartbeat.heard(2))
  t.strictSame(killed, [1])
})

t.test('each is asked for a sign of life, and none that has gone', async (t) => {
  const { heartbeat, asked, killed, pass } = setUp()
  heartbeat.heard(1)
  heartbeat.heard(2)
  heartbeat.forget(1)
  pass(5)
  t.strictSame(asked, [2])
  pass(20, () => heartbeat.heard(2))
  t.strictSame(killed, [])
})

t.test('after the primary itself stood still nobody is killed before he was asked', async (t) => {
  const { heartbeat, clock, asked, killed } = setUp()
  heartbeat.heard(1)
  clock.now = 600_000
  heartbeat.beat()
  t.strictSame(killed, [])
  t.strictSame(asked, [1])
})
