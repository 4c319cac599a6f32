import type Docker from 'dockerode'
import t from 'tap'
import { seconds } from '../../../gateway/config/units.ts'
import type { Machine } from '../../../provisioner/cluster/machine.ts'
import {
  announceNodes,
  type NodeAnswer,
  nodesAreLabelled,
  predecessors,
  readNode,
  wantedLabels,
  whoIsMissing,
  workersHaveJoined,
} from '../../../provisioner/cluster/nodes.ts'
import { settle } from '../../../provisioner/cluster/settle.ts'

/** As engine 26.1 answers `GET /nodes`. */
const first: NodeAnswer = {
  ID: 'a1',
  Spec: { Role: 'manager', Availability: 'active', Labels: { rack: '7' } },
  Description: { Hostname: 'n1', Engine: { EngineVersion: '26.1.5+dfsg1' } },
  Status: { State: 'ready', Addr: '0.0.0.0' },
  ManagerStatus: { Addr: '10.0.0.1:2377' },
}
const other = (name: string, State = 'ready'): NodeAnswer => ({
  ID: `id-${name}`,
  Spec: { Role: 'worker', Availability: 'active', Labels: {} },
  Description: { Hostname: name, Engine: { EngineVersion: '26.1.5+dfsg1' } },
  Status: { State, Addr: `10.0.0.${name.slice(1)}` },
})

t.test('a manager is known by the address of its raft, as its own may be 0.0.0.0', async (t) => {
  t.match(readNode(first), { name: 'n1', address: '10.0.0.1', isManager: true, isReady: true })
  t.match(readNode(other('n2')), { name: 'n2', address: '10.0.0.2', isManager: false })
})

t.test('who is missing is told in words', async (t) => {
  const missing = (workers: number, ...all: NodeAnswer[]) => whoIsMissing(all.map(readNode), workers)
  t.equal(missing(2, first), '0 of 2 have joined')
  t.equal(missing(2, first, other('n2'), other('n3', 'down')), '1 of 2 have joined (n2), n3 is down')
  t.equal(missing(2, first, other('n2'), other('n3')), undefined)
  t.equal(missing(0, first), undefined)
})

t.test('who has come back stands there once, and who is only down stays', async (t) => {
  const nodes = [first, { ...other('n2', 'down'), ID: 'old' }, other('n2'), other('n3', 'down')].map(readNode)
  t.same(
    predecessors(nodes).map(({ id }) => id),
    ['old'],
  )
})

t.test('workers carry Jupyter servers, managers the gateway; one machine carries both', async (t) => {
  const labels = (...all: NodeAnswer[]) => Object.fromEntries(wantedLabels(all.map(readNode), 'n1'))
  t.same(labels(first, other('n2')), {
    a1: { 'pyli.gateway': 'true', 'pyli.first': 'true' },
    'id-n2': { 'pyli.jupyter': 'true' },
  })
  t.same(labels(first), { a1: { 'pyli.gateway': 'true', 'pyli.jupyter': 'true', 'pyli.first': 'true' } })
})

/** A manager's engine, whose nodes can be changed, and to which one more joins each second. */
function swarm(...nodes: NodeAnswer[]) {
  const coming = nodes.slice(1)
  const present = nodes.slice(0, 1)
  const said: string[] = []
  let now = 0
  const engine = {
    listNodes: async () => [...present],
    getNode: (id: string) => ({
      inspect: async () => ({ ...present.find(({ ID }) => ID === id), Version: { Index: 7 } }),
      update: async ({ version, ...Spec }: NodeAnswer['Spec'] & { version: number }) => {
        if (version !== 7) throw new Error('update out of sequence')
        const at = present.findIndex(({ ID }) => ID === id)
        present[at] = { ...(present[at] as NodeAnswer), Spec }
      },
    }),
  } as unknown as Docker
  const machine: Machine = {
    name: 'n1',
    run: async () => ({ code: 0, stdout: '', stderr: '' }),
    engine,
    progress: { say: (text) => said.push(text), doing: () => {} },
    stop: new AbortController().signal,
    sleep: async (time) => {
      now += time
      present.push(...coming.splice(0, 1))
    },
    clock: () => now,
  }
  return { machine, said, present }
}

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
  await t.rejects(settle([workersHaveJoined(machine.engine, 2, seconds(60))], machine), {
    message:
      /^the other 2 machines have joined: 1 of 2 have joined \(n2\)\. Run the line above on each machine that is missing/,
  })
})

t.test("labels are set once, and other people's labels stay", async (t) => {
  const { machine, present } = swarm(first)
  t.same(await settle([nodesAreLabelled(machine)], machine), ['each machine is labelled with what it runs'])
  t.match(present[0]?.Spec, { Role: 'manager', Availability: 'active', Labels: { rack: '7', 'pyli.jupyter': 'true' } })
  t.same(await settle([nodesAreLabelled(machine)], machine), [])
})
