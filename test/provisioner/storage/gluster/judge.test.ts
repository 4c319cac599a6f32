import t from 'tap'
import { backlogOf, peersOf, processesOf, volumesOf } from '../../../../provisioner/storage/gluster/answers.ts'
import { type Facts, judge } from '../../../../provisioner/storage/gluster/judge.ts'
import { readXml } from '../../../../provisioner/storage/gluster/xml.ts'
import { recorded } from './recorded.ts'

const answer = (name: string) => readXml(recorded(name))
const well: Facts = {
  version: { value: '11.1' },
  peers: { value: peersOf(answer('peers')) },
  volume: { value: volumesOf(answer('volume-info'))[0] },
  processes: { value: processesOf(answer('volume-status')) },
  backlog: { value: backlogOf(answer('heal-summary')) },
  mount: { value: undefined },
}
const oneAway: Facts = {
  ...well,
  peers: { value: peersOf(answer('peers-one-away')) },
  processes: { value: processesOf(answer('volume-status-one-away')) },
  backlog: { value: backlogOf(answer('heal-summary-one-away')) },
}
const told = (facts: Facts): string => judge(facts).lines.join('\n')

t.test('all is well', async (t) => {
  t.equal(judge(well).health, 'well')
  t.match(
    told(well),
    /3 copies, GlusterFS 11.1\n[\s\S]*3 of 3 bricks are there, enough to write[\s\S]*waiting to be healed: 0/,
  )
})

t.test('one machine away: degraded, and who', async (t) => {
  t.equal(judge(oneAway).health, 'degraded')
  t.match(
    told(oneAway),
    /2 of 3 bricks are there, enough[\s\S]*\.13:.*its machine is away[\s\S]*peer 10.77.0.13: not conn/,
  )
  t.match(told(oneAway), 'waiting to be healed: 2')
})

t.test('two away: no quorum, down', async (t) => {
  const { value = [] } = oneAway.processes as { value: ReturnType<typeof processesOf> }
  const facts = { ...oneAway, processes: { value: value.slice(0, 1) } }
  t.equal(judge(facts).health, 'down')
  t.match(told(facts), '1 of 3 bricks are there, too few to write')
})

t.test('not mounted here: down, and why', async (t) => {
  const facts: Facts = { ...well, mount: { value: 'it is mounted and does not answer' } }
  t.equal(judge(facts).health, 'down')
  t.match(told(facts), 'it is mounted and does not answer')
})

t.test('split brain is degraded and says where to look', async (t) => {
  const facts: Facts = { ...well, backlog: { value: [{ brick: 'b', isConnected: true, entries: 1, splitBrain: 1 }] } }
  t.equal(judge(facts).health, 'degraded')
  t.match(told(facts), /split brain: 1; `gluster volume heal pyli info split-brain`/)
})

t.test('what nobody could tell is unknown, with its reason, and never well', async (t) => {
  const unknown = { unknown: 'gluster did not end within 20 s.' }
  for (const part of ['peers', 'processes', 'backlog', 'mount', 'volume'] as const) {
    const facts = { ...well, [part]: unknown }
    t.match(told(facts), 'unknown: gluster did not end', part)
    t.not(judge(facts).health, 'well', part)
  }
})

t.test(
  'while Gluster waits for a machine that was just lost, our own connections tell which bricks are there',
  async (t) => {
    const facts: Facts = { ...oneAway, processes: { unknown: 'Another transaction is in progress' } }
    t.equal(judge(facts).health, 'degraded')
    t.match(told(facts), /2 of 3 bricks are there, enough[\s\S]*\.12:\S*: online[\s\S]*\.13:\S*: not reached/)
    const cutOff: Facts = { ...facts, backlog: { value: backlogOf(answer('heal-summary-cut-off')) } }
    t.equal(judge(cutOff).health, 'down')
  },
)

t.test('without Gluster’s daemon what is mounted goes on', async (t) => {
  const dead: Facts = { ...well, volume: { unknown: 'Gluster does not run' } }
  t.equal(judge(dead).health, 'degraded')
  t.equal(judge({ ...dead, mount: { value: 'it is not mounted' } }).health, 'down')
})

t.test('no volume', async (t) => {
  const none = judge({ ...well, volume: { value: undefined }, mount: { value: 'it is not mounted' } })
  t.equal(none.health, 'down')
  t.match(none.lines, [/not mounted/, 'volume pyli: there is none'])
})
