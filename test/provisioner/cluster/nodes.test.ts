import t from 'tap'
import { seconds } from '../../../gateway/config/units.ts'
import {
  announceNodes,
  type NodeAnswer,
  predecessors,
  readNode,
  whoIsMissing,
  workersHaveJoined,
} from '../../../provisioner/cluster/nodes.ts'
import { settle } from '../../../provisioner/cluster/settle.ts'
import { first, other, swarm } from '../../fakes/fake-swarm.ts'

t.test('a manager is known by the address of its raft, as its own may be 0.0.0.0', async (t) => {
  t.match(readNode(first), { name: 'n1', address: '10.0.0.1', isManager: true, isReady: true })
  t.match(readNode(other('n2')), { name: 'n2', address: '10.0.0.2', isManager: false })
})

t.test('who is missing is told in words', async (t) => {
  const missing = (workers: number, ...all: NodeAnswer[]) => whoIsMissing(all.map(readNode), 'n1', workers)
  t.equal(missing(2, first), '0 of 2 have joined')
  t.equal(missing(2, first, other('n2'), other('n3', 'down')), '1 of 2 have joined (n2), n3 is down')
  t.equal(missing(2, first, other('n2'), other('n3')), undefined)
  t.equal(missing(0, first), undefined)
  const promoted = { ...other('n2'), Spec: { ...other('n2').Spec, Role: 'manager' } }
  t.equal(missing(2, first, promoted, other('n3')), undefined, 'a second manager is there as it was before')
})

t.test('who has come back stands there once, and who is only down stays', async (t) => {
  const nodes = [first, { ...other('n2', 'down'), ID: 'old' }, other('n2'), other('n3', 'down')].map(readNode)
  t.same(
    predecessors(nodes).map(({ id }) => id),
    ['old'],
  )
})

t.test('each machine is announced as it joins, and who was there before is not', async (t) => {
  const { machine, said } = swarm(first, other('n2'), other('n3'))
  const done = Promise.withResolvers<void>()
  let looks = 0
  const announcing = announceNodes({
    ...machine,
    async sleep(time, signal) {
      await machine.sleep(time, signal)
      looks += 1
      if (looks === 4) done.resolve()
    },
  })
  await done.promise
  await announcing[Symbol.asyncDispose]()
  t.same(said, ['    n2 is here: 10.0.0.2, engine 26.1.5+dfsg1', '    n3 is here: 10.0.0.3, engine 26.1.5+dfsg1'])
})

t.test('at the deadline it is said who is missing and what to do', async (t) => {
  const { machine } = swarm(first, other('n2'))
  await t.rejects(settle([workersHaveJoined(machine, 2, seconds(60))], machine), {
    message:
      /^the other 2 machines have joined: 1 of 2 have joined \(n2\)\. Run the line above on each machine that is missing/,
  })
})
