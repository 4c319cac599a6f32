import t from 'tap'
import { nodesAreLabelled, wantedLabels } from '../../../provisioner/cluster/labels.ts'
import { type NodeAnswer, readNode } from '../../../provisioner/cluster/nodes.ts'
import { settle } from '../../../provisioner/cluster/settle.ts'
import { first, other, swarm } from '../../fakes/fake-swarm.ts'

t.test('workers carry Jupyter servers, managers the gateway; one machine carries both', async (t) => {
  const labels = (...all: NodeAnswer[]) => Object.fromEntries(wantedLabels(all.map(readNode), 'n1'))
  t.same(labels(first, other('n2')), {
    a1: { 'pyli.gateway': 'true', 'pyli.first': 'true' },
    'id-n2': { 'pyli.jupyter': 'true' },
  })
  const promoted = { ...other('n2'), Spec: { ...other('n2').Spec, Role: 'manager' } }
  t.same(
    labels(first, promoted, other('n3'))['id-n2'],
    { 'pyli.gateway': 'true', 'pyli.jupyter': 'true' },
    'a second manager keeps its servers',
  )
  t.same(labels(first), { a1: { 'pyli.gateway': 'true', 'pyli.jupyter': 'true', 'pyli.first': 'true' } })
})

t.test("labels are set once, and other people's labels stay", async (t) => {
  const { machine, present } = swarm(first)
  t.same(await settle([nodesAreLabelled(machine)], machine), ['each machine is labelled with what it runs'])
  t.match(present[0]?.Spec, { Role: 'manager', Availability: 'active', Labels: { rack: '7', 'pyli.jupyter': 'true' } })
  t.same(await settle([nodesAreLabelled(machine)], machine), [])
})
