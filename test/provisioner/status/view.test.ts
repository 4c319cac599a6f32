import t from 'tap'
import { backendStatuses, nodeStatus, serviceStatuses } from '../../../provisioner/status/view.ts'
import { manager, node, task, well } from '../stack/answers.ts'

t.test('a machine, with its role and what it is labelled with', async (t) => {
  t.match(nodeStatus(manager('n1')), {
    role: 'manager',
    state: 'ready',
    isDrained: false,
    labels: ['pyli.gateway', 'pyli.first'],
  })
  const away = node('n2', { isReady: false, isActive: false, labels: { zone: 'b' } })
  t.match(nodeStatus(away), { role: 'worker', state: 'down', isDrained: true, labels: ['zone=b'] })
})

t.test('services count what runs and shall run; a task that ends is told, and counts no more', async (t) => {
  const view = well()
  const [first] = serviceStatuses(view)
  t.match(first, { name: 'jupyter', running: first?.wanted, wanted: 4 })
  const ending = task('jupyter', 'n2', { DesiredState: 'shutdown' })
  const gone = task('jupyter', 'n2', { DesiredState: 'shutdown', Status: { Timestamp: '', State: 'shutdown' } })
  const [later] = serviceStatuses({ ...view, tasks: [...view.tasks, ending, gone] })
  t.equal(later?.running, first?.running)
  t.equal(later?.tasks.filter(({ state }) => state === 'ending').length, 1)
  t.equal(later?.tasks.length, (first?.tasks.length ?? 0) + 1)
})

t.test('a task that fails says why, and an update that stopped is told', async (t) => {
  const view = well()
  const failing = task('jupyter', 'n2', {
    Status: { Timestamp: '2026-11-27T10:05:00Z', State: 'rejected', Err: 'No such image: x' },
  })
  const [service] = view.services.map((each) => ({ ...each, UpdateStatus: { State: 'paused' } }))
  const [told] = serviceStatuses({ ...view, services: service ? [service] : [], tasks: [failing] })
  t.match(told, {
    running: 0,
    update: 'paused',
    problem: 'n2: No such image: x',
    tasks: [{ node: 'n2', state: 'rejected', error: /No such image/ }],
  })
})

t.test('a server is told with the machine of the task that has its address', async (t) => {
  const view = well()
  const [at] = view.tasks.filter(({ ServiceID }) => ServiceID === 'svc-jupyter')
  const address = at?.NetworksAttachments?.[0]?.Addresses?.[0]?.split('/')[0]
  const backend = { address: `${address}:8888`, state: 'ready', kernels: [] }
  const name = view.nodes.find(({ id }) => id === at?.NodeID)?.name
  t.match(backendStatuses([backend], view), [{ address: `${address}:8888`, node: name, state: 'ready', reason: '' }])
  t.notOk('node' in (backendStatuses([{ ...backend, address: '10.9.9.9:8888' }], view)[0] ?? {}))
  t.match(backendStatuses([backend], undefined), [{ state: 'ready' }], 'also where no engine answers')
})
