import t from 'tap'
import { Backend } from '../../gateway/pool/backend.ts'
import { admits, type DrainCause, drainCauses, healths, states, type Verdict } from '../../gateway/pool/states.ts'

const verdicts: readonly Verdict[] = ['pass', 'late', 'fail', 'anew']
const causes = Object.keys(drainCauses) as DrainCause[]

t.test('every verdict on every health leads to a health, and every health has a name', async (t) => {
  t.same(Object.keys(healths), Object.keys(states))
  for (const [health, row] of Object.entries(healths)) {
    t.same(Object.keys(row).sort(), [...verdicts].sort(), health)
    for (const next of Object.values(row)) t.ok(next in healths, `${health} ${next}`)
  }
})

t.test('drain can be said in every state, and no probe undoes it', async (t) => {
  for (const health of Object.values(states)) t.equal(admits[health.drains].newcomer, 'never', health.drains)
  for (const cause of causes) {
    const backend = new Backend({ host: 'a', port: 1 }, 0)
    backend.drain(cause, 0)
    for (const verdict of [...verdicts, ...verdicts]) {
      backend.judge(verdict, 0, { cold: false })
      t.notOk(backend.admits('newcomer'), `${cause} ${verdict}`)
    }
  }
})

t.test('to take back a drain that was not said changes nothing', async (t) => {
  for (const verdict of ['pass', 'fail'] as const) {
    const backend = new Backend({ host: 'a', port: 1 }, 0)
    backend.judge(verdict, 0, { cold: false })
    const { state } = backend
    for (const cause of causes) t.notOk(backend.restore(cause, 1))
    t.equal(backend.state, state)
  }
})

t.test('one that does not answer and is restored still does not answer', async (t) => {
  const backend = new Backend({ host: 'a', port: 1 }, 0)
  backend.judge('fail', 0, { cold: false })
  backend.drain('operator', 0)
  backend.restore('operator', 0)
  t.equal(backend.state, 'failing')
})

t.test('only a ready backend takes newcomers gladly, every one its owners', async (t) => {
  for (const [state, row] of Object.entries(admits)) {
    t.equal(row.newcomer === 'gladly', state === 'ready', state)
    t.equal(row.owner, 'gladly', state)
  }
})
