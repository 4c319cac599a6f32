import t from 'tap'
import { Health } from '../../gateway/control/health.ts'
import { Watch } from '../../gateway/control/watch.ts'
import { createLog } from '../../gateway/observe/log.ts'
import type { Backend } from '../../gateway/pool/backend.ts'
import { BackendFailure } from '../../gateway/upstream/client.ts'
import { fakeCluster, refusal } from '../fakes/fake-cluster.ts'

/** A watch over fake servers, one more of which has just been found. */
function setUp() {
  const fake = fakeCluster()
  const { cluster, clock, members } = fake
  const health = new Health({ pool: cluster.pool, rise: 2, fall: 3, now: () => clock.now })
  const probes: Backend[] = []
  const probe = async (backend: Backend) => {
    probes.push(backend)
    const member = members.find((candidate) => candidate.backend === backend)
    if (member?.trouble !== 'none') throw refusal()
    return member.server.answer({ method: 'GET', target: '/api', headers: [] })
  }
  const log = createLog('off')
  const watch = new Watch({ cluster, health, log, probe, probeEvery: 60_000, surveyEvery: 60_000, random: () => 0.5 })
  t.teardown(() => watch.stopAll())
  return { ...fake, watch, probes }
}

async function fail({ watch }: ReturnType<typeof setUp>, backend: Backend, times = 3): Promise<void> {
  for (let i = 0; i < times; i++) await watch.probe(backend)
}

t.test('a backend that is well and tells what it has is ready', async (t) => {
  const all = setUp()
  const [a] = all.members
  if (a) a.trouble = 'refused'
  if (a) await fail(all, a.backend)
  t.equal(a?.backend.state, 'failing')
  if (a) a.trouble = 'none'
  if (a) await fail(all, a.backend, 2)
  t.equal(a?.backend.state, 'ready')
  for (const kind of ['kernels', 'sessions', 'terminals'] as const)
    t.ok(all.cluster.survey.last(a?.backend as never, kind))
})

t.test('one that is well but refuses our token does not become ready, and says why', async (t) => {
  const all = setUp()
  const [a] = all.members
  if (a) a.trouble = 'refused'
  if (a) await fail(all, a.backend)
  if (a) a.trouble = 'none'
  if (a) a.server.token = 'another token'
  if (a) await fail(all, a.backend, 5)
  t.equal(a?.backend.state, 'failing')
  t.match(a?.backend.reason, 'token is 403')
})

t.test(
  'what it has is asked anew before it is ready again: its kernels may be gone with the old process',
  async (t) => {
    const all = setUp()
    const [a] = all.members
    const before = a?.server.hasKernel() as string
    t.equal((await all.cluster.find('kernels', before)).kind, 'found')
    if (a) a.trouble = 'refused'
    if (a) await fail(all, a.backend)
    a?.server.kernels.clear()
    if (a) a.trouble = 'none'
    if (a) await fail(all, a.backend, 2)
    t.equal(a?.backend.state, 'ready')
    t.equal(all.cluster.owners.get('kernels', before), undefined)
    t.equal(a?.backend.carries, 0)
  },
)

t.test('what lived in a backend is forgotten once it is gone, and not while it merely fails', async (t) => {
  const all = setUp()
  const [, b] = all.members
  const id = b?.server.hasKernel() as string
  await all.cluster.find('kernels', id)
  if (b) b.trouble = 'refused'
  if (b) await fail(all, b.backend)
  t.ok(all.cluster.owners.get('kernels', id))
  all.clock.now += 30_000
  if (b) await all.watch.probe(b.backend)
  t.equal(all.cluster.owners.get('kernels', id), undefined)
})

t.test('a backend at whose address nobody listened from the start holds up no list once it fails', async (t) => {
  const all = setUp()
  const [a, b] = all.members
  const kernel = a?.server.hasKernel()
  if (b) b.trouble = 'refused'
  if (b) await fail(all, b.backend)
  t.equal(b?.backend.state, 'failing')
  const lists = await all.cluster.wholeView('kernels', 'recent')
  t.same(
    lists.flatMap(({ entries }) => entries.map(({ id }) => id)),
    [kernel],
  )
})

t.test('an exchange that met a dead backend has it probed at once; one that was only slow does not', async (t) => {
  const all = setUp()
  const [a] = all.members
  const backend = a?.backend as Backend
  for (const code of ['backend-slow', 'backend-cut', 'backend-broken', 'request-cut'] as const) {
    all.watch.exchangeFailed(backend, new BackendFailure(code, 'x', false))
  }
  t.equal(all.probes.length, 0)
  all.watch.exchangeFailed(backend, refusal())
  all.watch.exchangeFailed(backend, refusal())
  t.same(all.probes, [backend], 'and once, not for each')
})
