import t from 'tap'
import { Health } from '../../gateway/control/health.ts'
import { Watch } from '../../gateway/control/watch.ts'
import { createLog } from '../../gateway/observe/log.ts'
import type { Backend } from '../../gateway/pool/backend.ts'
import type { Answer } from '../../gateway/upstream/ask.ts'
import { BackendFailure } from '../../gateway/upstream/client.ts'
import { fakeCluster, type Member, refusal } from '../fakes/fake-cluster.ts'

/** A watch over fake servers, one more of which has just been found. */
function setUp() {
  const fake = fakeCluster()
  const { cluster, clock, members } = fake
  const health = new Health({ pool: cluster.pool, rise: 2, fall: 3, busyFor: 30_000, now: () => clock.now })
  const probes: Backend[] = []
  const draining = new Set<Backend>()
  const probe = async (backend: Backend) => {
    probes.push(backend)
    const member = members.find((candidate) => candidate.backend === backend)
    if (member?.trouble === 'silent') throw new BackendFailure('backend-slow', 'no answer in time', false)
    if (member?.trouble !== 'none') throw refusal()
    if (draining.has(backend)) return json(503, { draining: true })
    return member.server.answer({ method: 'GET', target: '/api', headers: [] })
  }
  const log = createLog('off')
  const takenBack: Backend[] = []
  const onTakenBack = (backend: Backend) => void takenBack.push(backend)
  const periods = { probeEvery: 60_000, surveyEvery: 60_000, random: () => 0.5 }
  const watch = new Watch({ cluster, health, log, probe, ...periods, onTakenBack })
  t.teardown(() => watch.stopAll())
  const [a, b] = members as [Member, Member]
  return { ...fake, a, b, watch, probes, draining, takenBack }
}

async function fail({ watch }: ReturnType<typeof setUp>, backend: Backend, times = 3): Promise<void> {
  for (let i = 0; i < times; i++) await watch.probe(backend)
}

t.test('a backend that is well and tells what it has is ready', async (t) => {
  const all = setUp()
  const { a } = all
  a.trouble = 'refused'
  await fail(all, a.backend)
  t.equal(a.backend.state, 'failing')
  a.trouble = 'none'
  await fail(all, a.backend, 2)
  t.equal(a.backend.state, 'ready')
  for (const kind of ['kernels', 'sessions', 'terminals'] as const) t.ok(all.cluster.survey.last(a.backend, kind))
})

t.test('one that is well but refuses our token does not become ready, and says why', async (t) => {
  const all = setUp()
  const { a } = all
  a.trouble = 'refused'
  await fail(all, a.backend)
  a.trouble = 'none'
  a.server.token = 'another token'
  await fail(all, a.backend, 5)
  t.equal(a.backend.state, 'failing')
  t.match(a.backend.reason, 'token is 403')
})

t.test(
  'what it has is asked anew before it is ready again: its kernels may be gone with the old process',
  async (t) => {
    const all = setUp()
    const { a } = all
    const before = a.server.hasKernel() as string
    t.equal((await all.cluster.find('kernels', before)).kind, 'found')
    a.trouble = 'refused'
    await fail(all, a.backend)
    a.server.kernels.clear()
    a.trouble = 'none'
    await fail(all, a.backend, 2)
    t.equal(a.backend.state, 'ready')
    t.equal(all.cluster.owners.get('kernels', before), undefined)
    t.equal(a.backend.carries, 0)
  },
)

t.test('what lived in a backend is forgotten once it is gone, and not while it merely fails', async (t) => {
  const all = setUp()
  const { b } = all
  const id = b.server.hasKernel() as string
  await all.cluster.find('kernels', id)
  b.trouble = 'refused'
  await fail(all, b.backend)
  t.ok(all.cluster.owners.get('kernels', id))
  all.clock.now += 30_000
  await all.watch.probe(b.backend)
  t.equal(all.cluster.owners.get('kernels', id), undefined)
})

t.test('a backend at whose address nobody listened from the start holds up no list once it fails', async (t) => {
  const all = setUp()
  const { a, b } = all
  const kernel = a.server.hasKernel()
  b.trouble = 'refused'
  await fail(all, b.backend)
  t.equal(b.backend.state, 'failing')
  const lists = await all.cluster.wholeView('kernels', 'recent')
  t.same(
    lists.flatMap(({ entries }) => entries.map(({ id }) => id)),
    [kernel],
  )
})

t.test('a backend that says that it drains is one, at the first probe, and keeps what it has', async (t) => {
  const all = setUp()
  const { a } = all
  const kernel = a.server.hasKernel()
  all.draining.add(a.backend)
  await all.watch.probe(a.backend)
  t.equal(a.backend.state, 'draining')
  t.equal(a.backend.reason, 'it says that it drains')
  t.match(await all.cluster.find('kernels', kernel), { kind: 'found', owner: { backend: a.backend } })
})

t.test('one that drains already when a gateway finds it is surveyed, so that lists are whole', async (t) => {
  const all = setUp()
  const backend = all.cluster.pool.add({ host: '10.0.0.1', port: 8001 })
  const { a } = all
  a.server.hasKernel()
  all.cluster.pool.judge(backend, 'anew', 'not asked yet')
  all.draining.add(backend)
  await all.watch.probe(backend)
  t.equal(backend.health, 'well')
  t.equal(backend.state, 'draining')
  t.equal(all.cluster.survey.last(backend, 'kernels')?.entries.length, 1)
})

t.test('what said that it drains and then answers 200 is another process: what lived in it is gone', async (t) => {
  const all = setUp()
  const { a } = all
  const kernel = a.server.hasKernel()
  await all.cluster.find('kernels', kernel)
  all.draining.add(a.backend)
  await all.watch.probe(a.backend)
  a.server.kernels.clear()
  all.draining.clear()
  const states: string[] = []
  all.cluster.pool.listen({
    backendChanged: ({ state }) =>
      void states.push(`${state} ${all.cluster.owners.get('kernels', kernel) ? 'owns' : 'free'}`),
  })
  t.same(all.takenBack, [])
  await all.watch.probe(a.backend)
  t.same(all.takenBack, [a.backend], 'who told it to drain is told')
  await all.watch.probe(a.backend)
  t.equal(all.takenBack.length, 1)
  t.same(states, ['joining owns', 'ready free'], 'asked what it has before it serves newcomers')
  t.same(await all.cluster.find('kernels', kernel), { kind: 'absent' })
})

t.test('and if it was the same process, restored, nothing of it is lost', async (t) => {
  const all = setUp()
  const { a } = all
  const kernel = a.server.hasKernel()
  all.draining.add(a.backend)
  await all.watch.probe(a.backend)
  all.draining.clear()
  await all.watch.probe(a.backend)
  t.equal(a.backend.state, 'ready')
  t.match(await all.cluster.find('kernels', kernel), { kind: 'found', owner: { backend: a.backend } })
})

t.test('one that an operator drained as well does not serve newcomers when it answers 200', async (t) => {
  const all = setUp()
  const { a } = all
  all.cluster.pool.drain(a.backend, 'operator')
  all.draining.add(a.backend)
  await all.watch.probe(a.backend)
  all.draining.clear()
  await fail(all, a.backend, 3)
  t.equal(a.backend.state, 'draining')
  t.equal(a.backend.reason, 'an operator said so')
})

t.test('a drained one that ends is failing, its kernels listed until it counts as gone', async (t) => {
  const all = setUp()
  const { a } = all
  a.server.hasKernel()
  all.draining.add(a.backend)
  await all.watch.probe(a.backend)
  await all.cluster.wholeView('kernels', 'now')
  a.trouble = 'refused'
  await fail(all, a.backend)
  t.equal(a.backend.state, 'failing')
  const listed = async () => (await all.cluster.wholeView('kernels', 'recent')).flatMap(({ entries }) => entries).length
  t.equal(await listed(), 1)
  all.clock.now += 30_000
  await all.watch.probe(a.backend)
  t.equal(await listed(), 0)
})

t.test('lists do not wait for an address from an earlier gateway at which nobody answers', async (t) => {
  const all = setUp()
  const { b } = all
  if (!b) throw new Error('no member')
  all.cluster.survey.forget(b.backend)
  all.cluster.pool.judge(b.backend, 'anew', 'not asked yet')
  all.cluster.pool.drain(b.backend, 'left-discovery')
  b.trouble = 'silent'
  await t.rejects(all.cluster.wholeView('kernels', 'now'), { code: 'list-incomplete' }, 'at first it may be there')
  await fail(all, b.backend)
  t.equal((await all.cluster.wholeView('kernels', 'now')).length, 2)
})

t.test('an exchange that met a dead backend has it probed at once; one that was only slow does not', async (t) => {
  const all = setUp()
  const { a } = all
  const backend = a.backend
  for (const code of ['backend-slow', 'backend-cut', 'backend-broken', 'request-cut'] as const) {
    all.watch.exchangeFailed(backend, new BackendFailure(code, 'x', false))
  }
  t.equal(all.probes.length, 0)
  all.watch.exchangeFailed(backend, refusal())
  all.watch.exchangeFailed(backend, refusal())
  t.same(all.probes, [backend], 'and once, not for each')
})

function json(status: number, value: unknown): Answer {
  return { status, reason: '', headers: [], body: Buffer.from(JSON.stringify(value)) }
}
