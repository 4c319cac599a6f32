import t from 'tap'
import { admits, type State, transitions, type Verdict } from '../../gateway/pool/states.ts'

const states: readonly State[] = ['joining', 'ready', 'failing', 'draining']
const verdicts: readonly Verdict[] = ['pass', 'fail', 'drain', 'restore']

t.test('every verdict on every state leads to a state', async (t) => {
  t.same(Object.keys(transitions).sort(), [...states].sort())
  for (const state of states) {
    t.same(Object.keys(transitions[state]).sort(), [...verdicts].sort(), state)
    for (const verdict of verdicts) t.ok(states.includes(transitions[state][verdict]), `${state} ${verdict}`)
  }
})

t.test('drain can be said in every state, and no probe undoes it: only restore does', async (t) => {
  for (const state of states) t.equal(transitions[state].drain, 'draining', state)
  const ways = verdicts.filter((verdict) => transitions.draining[verdict] !== 'draining')
  t.same(ways, ['restore'])
  t.equal(transitions.draining.restore, 'joining', 'it is looked at before it serves')
})

t.test('restore changes nothing that is not draining', async (t) => {
  for (const state of ['joining', 'ready', 'failing'] as const) t.equal(transitions[state].restore, state)
})

t.test('only a ready backend takes newcomers, every one its owners', async (t) => {
  for (const state of states) {
    t.equal(admits[state].newcomer, state === 'ready', state)
    t.equal(admits[state].owner, true, state)
  }
})
