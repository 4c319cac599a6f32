import t from 'tap'
import { mergeOverviews, overviewOf } from '../../gateway/admin/overview.ts'
import { fakeCluster } from '../fakes/fake-cluster.ts'
import { fakeOverview, someFailure } from '../fakes/fake-operations.ts'

const kernel = { id: 'k', name: 'python3', state: 'idle', lastActivity: undefined, connections: 1, paths: ['a.ipynb'] }
const backend = {
  address: 'a:1',
  state: 'ready',
  reason: 'answers',
  drains: [],
  stateMs: 10,
  inFlight: 0,
  load: 0,
  kernels: [],
} as const
const view = fakeOverview({ backends: [] })
const failure = (at: number, client = `192.0.2.${at}`) => ({ ...someFailure, at, client })

t.test('each kernel is told with the notebooks that use it', async (t) => {
  const { cluster, members, clock } = fakeCluster()
  const [member] = members
  if (!member) throw new Error('no member')
  const id = member.server.hasKernel()
  member.server.hasSession('a.ipynb', { kernelId: id })
  await cluster.survey.list(member.backend, 'kernels', 'now')
  await cluster.survey.list(member.backend, 'sessions', 'now')
  const [first] = overviewOf({ ...view, cluster, now: clock.now }).backends
  t.match(first?.kernels, [{ id, name: 'python3', paths: ['a.ipynb'] }])
})

t.test('workers together: counts are summed, kernels are counted once', async (t) => {
  const merged = mergeOverviews([
    { ...view, webSockets: 2, backends: [{ ...backend, inFlight: 1, load: 2, kernels: [kernel] }] },
    { ...view, webSockets: 3, backends: [{ ...backend, inFlight: 4, load: 4 }] },
  ])
  t.match(merged, { workers: 2, webSockets: 5, backends: [{ inFlight: 5, load: 6, kernels: [kernel] }] })
})

t.test('where workers disagree about a backend, the graver state is shown, with its reason', async (t) => {
  const failing = { ...backend, state: 'failing', reason: 'refused' } as const
  const merged = mergeOverviews([
    { ...view, backends: [backend, { ...backend, address: 'b:1' }] },
    { ...view, backends: [failing] },
  ])
  t.match(merged.backends, [
    { address: 'a:1', state: 'failing', reason: 'refused' },
    { address: 'b:1', state: 'ready' },
  ])
})

t.test('a worker that has only just started makes no backend less ready than the others know it to be', async (t) => {
  const joining = { ...backend, state: 'joining', reason: 'not yet seen' } as const
  t.match(
    mergeOverviews([
      { ...view, backends: [joining] },
      { ...view, backends: [backend] },
    ]).backends,
    [backend],
  )
  t.match(mergeOverviews([{ ...view, backends: [joining] }]).backends, [{ state: 'joining' }])
})

t.test('the gateway is ending as soon as one of its workers is', async (t) => {
  t.equal(mergeOverviews([view, { ...view, ending: true }]).ending, true)
  t.equal(mergeOverviews([view, view]).ending, false)
})

t.test('the last failures of all workers are told in the order of their time', async (t) => {
  const merged = mergeOverviews([
    { ...view, failures: [failure(1), failure(5)], exchanges: 3, refusals: 1, startedAt: 100 },
    { ...view, failures: [failure(2)], exchanges: 4, refusals: 2, startedAt: 90 },
  ])
  t.same(
    merged.failures.map(({ at }) => at),
    [1, 2, 5],
  )
  t.match(merged, { exchanges: 7, refusals: 3, startedAt: 90 })
})

t.test('what failed in several workers in the same way is told once, with how often', async (t) => {
  const merged = mergeOverviews([
    { ...view, failures: [{ ...failure(3, 'c'), times: 2 }, failure(4)] },
    { ...view, failures: [failure(1), { ...failure(5, 'c'), times: 4 }] },
  ])
  t.match(merged.failures, [{ at: 1 }, { at: 4 }, { at: 5, client: 'c', times: 6 }])
  t.equal(merged.failures.length, 3)
})
