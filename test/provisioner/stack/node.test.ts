import t from 'tap'
import { type Ms, minutes } from '../../../gateway/config/units.ts'
import type { Machine } from '../../../provisioner/cluster/machine.ts'
import { settle } from '../../../provisioner/cluster/settle.ts'
import type { BackendView, GatewayAdmin } from '../../../provisioner/stack/gateway-admin.ts'
import { activateSteps, drainSteps, inUse, serversOn } from '../../../provisioner/stack/node.ts'
import { manager, node, task, well } from './answers.ts'

const kernel = (given: Partial<BackendView['kernels'][number]> = {}) => ({
  state: 'idle',
  connections: 0,
  paths: [],
  ...given,
})
const backend = (address: string, kernels: BackendView['kernels'] = [], state = 'ready'): BackendView => ({
  address,
  state,
  kernels,
})

t.test('the servers of a machine are found by their tasks’ addresses in the notebooks’ network', async (t) => {
  const view = well()
  const [a, b] = view.tasks.filter(({ NodeID }) => NodeID === 'id-n2')
  const addressOf = (each = a) => `${each?.NetworksAttachments?.[0]?.Addresses?.[0]?.split('/')[0]}:8888`
  const gone = view.tasks.find(({ DesiredState }) => DesiredState === 'shutdown')
  const backends = [backend(addressOf(a)), backend(addressOf(b)), backend(addressOf(gone)), backend('10.0.1.99:8888')]
  t.strictSame(serversOn(view, backends, 'n2'), backends.slice(0, 2))
  t.strictSame(serversOn(view, backends, 'n1'), [])
  t.strictSame(
    serversOn({ ...view, tasks: [task('jupyter', 'n2', { NetworksAttachments: null })] }, backends, 'n2'),
    [],
  )
})

t.test('a kernel is used that computes or that somebody looks at', async (t) => {
  const servers = [
    backend('a', [kernel(), kernel({ state: 'busy', paths: ['a.ipynb'] })]),
    backend('b', [kernel({ connections: 1, paths: ['b.ipynb'] }), kernel({ connections: 2, paths: ['c.ipynb'] })]),
  ]
  t.strictSame(inUse(servers), { count: 3, told: '3 kernels are in use (a.ipynb, b.ipynb, c.ipynb)' })
  t.strictSame(inUse([backend('a', [kernel({ state: 'busy' })])]), { count: 1, told: '1 kernel is in use' })
  t.equal(inUse([backend('a', [kernel()])]).count, 0)
  const many = inUse([
    backend(
      'a',
      ['1', '2', '3', '4', '5'].map((path) => kernel({ connections: 1, paths: [path] })),
    ),
  ])
  t.match(many.told, '(1, 2, 3 and 2 more)')
})

/** A swarm of which one machine is drained, a gateway that knows its servers, and time that passes by waiting. */
function stage({ kernels = [kernel({ connections: 1, paths: ['a.ipynb'] })] } = {}) {
  const told: string[] = []
  const said: string[] = []
  let now = 0
  let tasks = well().tasks
  let availability = 'active'
  let onSleep = () => {}
  const mine = tasks.filter(({ NodeID, DesiredState }) => NodeID === 'id-n2' && DesiredState === 'running')
  const states = new Map(mine.map((each) => [each.NetworksAttachments?.[0]?.Addresses?.[0]?.split('/')[0], 'ready']))
  let busy = kernels
  const gateway: GatewayAdmin = {
    backends: async () => [...states].map(([ip, state]) => backend(`${ip}:8888`, busy, state)),
    async tell(address, verb) {
      told.push(`${verb} ${availability}`)
      states.set(address.split(':')[0], verb === 'drain' ? 'draining' : 'ready')
      return true
    },
  }
  const answer = (name: string, isManager: boolean) => ({
    ID: `id-${name}`,
    Spec: {
      Role: isManager ? 'manager' : 'worker',
      Availability: name === 'n2' ? availability : 'active',
      Labels: (isManager ? manager(name) : node(name)).labels,
    },
    Description: { Hostname: name },
    Status: { State: 'ready', Addr: '10.0.0.1' },
  })
  const engine = {
    listNodes: async () => [answer('n1', true), answer('n2', false), answer('n3', false)],
    listServices: async () => well().services,
    listTasks: async () => tasks,
    getNode: (id: string) => ({
      inspect: async () => ({ ...answer(id.slice(3), false), Version: { Index: 7 } }),
      async update({ Availability, version }: { Availability: string; version: number }) {
        told.push(`${Availability} at ${version}`)
        availability = Availability
        if (Availability === 'drain') tasks = tasks.filter(({ NodeID }) => NodeID !== id)
      },
    }),
  }
  const machine = {
    engine,
    progress: { say: (text: string) => said.push(text), doing: (text: string) => said.push(`… ${text}`) },
    stop: new AbortController().signal,
    clock: () => now,
    async sleep(time: Ms) {
      now += time
      onSleep()
    },
  } as unknown as Machine
  const leave = () => {
    onSleep = () => {
      busy = []
    }
  }
  return { machine, gateway, told, said, leave, elapsed: () => now }
}

t.test('kernels come first, then the machine; a second run changes nothing', async (t) => {
  const { machine, gateway, told, said, leave } = stage()
  leave()
  await settle(drainSteps(machine, gateway, 'n2', minutes(60)), machine)
  t.strictSame(told, ['drain active', 'drain active', 'drain at 7'], 'the servers were told while Swarm still used it')
  t.ok(said.some((line) => line.includes('2 kernels are in use (a.ipynb)')))
  t.strictSame(await settle(drainSteps(machine, gateway, 'n2', minutes(60)), machine), [])
})

t.test('kernels that are used for ever are waited for as long as was said', async (t) => {
  const { machine, gateway, told, said, elapsed } = stage()
  await settle(drainSteps(machine, gateway, 'n2', minutes(3)), machine)
  t.equal(Math.round(elapsed() / 60_000), 3)
  t.equal(told.at(-1), 'drain at 7')
  t.ok(said.some((line) => line.includes('2 kernels are in use (a.ipynb): their servers are told to end')))
})

t.test('a machine comes back with the servers that it has', async (t) => {
  const { machine, gateway, told } = stage()
  await gateway.tell('10.0.1.1:8888', 'drain')
  const steps = drainSteps(machine, gateway, 'n2', minutes(1)).slice(0, 1)
  await settle(steps, machine)
  told.length = 0
  await settle(activateSteps(machine, gateway, 'n2'), machine)
  t.strictSame(new Set(told), new Set(['restore active']), 'it was active all the time')
  t.strictSame(await settle(activateSteps(machine, gateway, 'n2'), machine), [])
})

t.test('one that is drained needs no gateway, which may have been on it', async (t) => {
  const { machine, gateway, leave } = stage()
  leave()
  await settle(drainSteps(machine, gateway, 'n2', minutes(1)), machine)
  const gone: GatewayAdmin = { ...gateway, backends: () => Promise.reject(new Error('ECONNREFUSED')) }
  t.strictSame(await settle(drainSteps(machine, gone, 'n2', minutes(1)), machine), [])

  let asked = 0
  const back: GatewayAdmin = { ...gateway, backends: () => (++asked < 3 ? gone.backends() : gateway.backends()) }
  await settle(activateSteps(machine, back, 'n2'), machine)
  t.ok(asked >= 3, 'its return is waited for')
})

t.test('a machine that nobody knows is told', async (t) => {
  const { machine, gateway } = stage()
  await t.rejects(settle(drainSteps(machine, gateway, 'n9', minutes(1)), machine), {
    message: 'No machine of the cluster is called n9: it has n1, n2, n3.',
  })
})
