import t from 'tap'
import { header, headerValues } from '../../gateway/http1/raw-headers.ts'
import { markName } from '../../gateway/jupyter/alias.ts'
import { type Duplicate, mergedList, mergeLists } from '../../gateway/jupyter/lists.ts'
import type { Model } from '../../gateway/jupyter/models.ts'
import type { View } from '../../gateway/jupyter/view.ts'
import { Backend } from '../../gateway/pool/backend.ts'
import { caller, countOf, type FakeCluster, fakeCluster, listIn, nextTurn, stranger } from '../fakes/fake-cluster.ts'

const old = '0f3b2c1d-aaaa-4bbb-8ccc-1234567890ab'

function lists(...ofEach: Model[][]): View['lists'] {
  return ofEach.map((entries, i) => ({
    backend: new Backend({ host: 'server', port: i + 1 }, 0),
    entries,
    stale: false,
  }))
}

function merge(kind: 'kernels' | 'sessions' | 'terminals', view: View['lists']) {
  const duplicates: Duplicate[] = []
  const merged = mergeLists(kind, view, (duplicate) => void duplicates.push(duplicate))
  return { merged, duplicates }
}

function ids(fake: FakeCluster, changes = caller('GET')): Promise<unknown[]> {
  return mergedList(fake.cluster, 'kernels', changes, () => {}).then((answer) => listIn(answer).map(({ id }) => id))
}

t.test('the entries of all, each as its backend wrote it', async (t) => {
  const { merged, duplicates } = merge('kernels', lists([{ id: '1', connections: 2 }], [], [{ id: '2' }, { id: '3' }]))
  t.strictSame(merged, [{ id: '1', connections: 2 }, { id: '2' }, { id: '3' }])
  t.same(duplicates, [])
})

t.test('an id that two backends have is shown once and told of', async (t) => {
  for (const kind of ['kernels', 'terminals'] as const) {
    const entry = { id: 'x', name: 'x' }
    const { merged, duplicates } = merge(kind, lists([{ ...entry, first: true }], [entry]))
    t.strictSame(merged, [{ ...entry, first: true }])
    t.match(duplicates, [{ kind, id: 'x', backends: [{ key: 'server:1' }, { key: 'server:2' }] }])
  }
})

t.test('a moved session wins over the one it replaces, in either order, and that is no alarm', async (t) => {
  const replaced = { id: old, path: 'x', name: 'x', kernel: { id: 'before' } }
  const moved = { id: 'other', path: 'x', name: markName('x', old), kernel: { id: 'after' } }
  for (const view of [lists([replaced], [moved]), lists([moved], [replaced])]) {
    const { merged, duplicates } = merge('sessions', view)
    t.strictSame(merged, [{ id: old, path: 'x', name: 'x', kernel: { id: 'after' } }])
    t.same(duplicates, [])
  }
})

t.test('a kernel whose name looks like a moved session’s is a kernel', async (t) => {
  const entry = { id: 'k', name: markName('python3', old) }
  t.strictSame(merge('kernels', lists([entry])).merged, [entry])
})

t.test('one list of all, with the headers of the one backend that was asked as the caller', async (t) => {
  const fake = fakeCluster({ names: 'abc' })
  const expected = fake.members.map(({ server }) => server.hasKernel())
  const answer = await mergedList(fake.cluster, 'kernels', caller('GET'), () => {})
  t.equal(answer.status, 200)
  t.same(
    listIn(answer).map(({ id }) => id),
    expected,
  )
  t.equal(header(answer.headers, 'content-type'), 'application/json')
  t.same(headerValues(answer.headers, 'content-length'), [])
  t.equal(header(answer.headers, 'server'), 'TornadoServer/6.5')
})

t.test('who may not know hears it in Jupyter’s words, and costs one question', async (t) => {
  const fake = fakeCluster({ names: 'abc' })
  const answer = await mergedList(fake.cluster, 'kernels', stranger('GET'), () => {})
  t.equal(answer.status, 403)
  t.match(answer.body.toString(), 'Forbidden')
  t.equal(countOf(fake, 'GET', '/api/kernels'), 1)
})

t.test('however many clients poll, each backend is surveyed once', async (t) => {
  const fake = fakeCluster()
  await Promise.all(Array.from({ length: 100 }, () => ids(fake)))
  t.equal(countOf(fake, 'GET', '/api/kernels'), 100 + 2)
})

t.test('a backend that does not answer keeps its place in the list until it is gone', async (t) => {
  const fake = fakeCluster()
  const [a, b] = fake.members
  const kernels = [a?.server.hasKernel(), b?.server.hasKernel()]
  t.same(await ids(fake), kernels)
  if (b) b.trouble = 'silent'
  fake.clock.now += 2_000
  t.same(await ids(fake), kernels, 'before its probes have noticed')
  if (b) fake.cluster.pool.judge(b.backend, 'fail', 'silent')
  const tries = b?.tries
  fake.clock.now += 29_000
  t.same(await ids(fake), kernels, 'while it fails')
  t.equal(b?.tries, tries, 'and no client waits for it')
  fake.clock.now += 1_000
  if (b && fake.cluster.isGone(b.backend)) fake.cluster.survey.forget(b.backend)
  t.same(await ids(fake), kernels.slice(0, 1), 'then it is gone, and its kernels with it')
})

t.test('a list is never answered without a backend of which nothing is known', async (t) => {
  for (const trouble of ['silent', 'refused'] as const) {
    const fake = fakeCluster()
    const [, b] = fake.members
    if (b) b.trouble = trouble
    const before = fake.clock.now
    await t.rejects(ids(fake), { name: 'ClusterFailure', code: 'list-incomplete' }, trouble)
    t.ok(fake.clock.now - before >= 5_000, 'after it was waited for')
  }
})

t.test('it waits for a backend that is only just found, and has it in the list', async (t) => {
  const fake = fakeCluster()
  const [a, b] = fake.members
  const kernels = [a?.server.hasKernel(), b?.server.hasKernel()]
  if (b) b.trouble = 'silent'
  const asking = ids(fake)
  const { now } = fake.clock
  const appears = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve))
    if (fake.clock.now - now < 1_000) return appears()
    if (b) b.trouble = 'none'
  }
  await appears()
  t.same(await asking, kernels)
})

t.test('a backend at whose address nobody listens has no kernels: it holds up nobody', async (t) => {
  const fake = fakeCluster()
  const [a, b] = fake.members
  const kernel = a?.server.hasKernel()
  if (b) b.trouble = 'refused'
  await t.rejects(fake.cluster.survey.list(b?.backend as never, 'kernels', 'now'))
  if (b) fake.cluster.pool.judge(b.backend, 'fail', 'refused')
  t.same(await ids(fake), [kernel])
})

t.test('what a client has just made is in the next list', async (t) => {
  const fake = fakeCluster()
  const [, b] = fake.members
  t.same(await ids(fake), [])
  const id = b?.server.hasKernel() as string
  fake.cluster.survey.has(b?.backend as never, 'kernels', { id })
  t.same(await ids(fake), [id])
})

t.test('what was made after the last survey of a backend that then falls silent stays in the list', async (t) => {
  const fake = fakeCluster()
  const [, b] = fake.members
  await ids(fake)
  const id = b?.server.hasKernel() as string
  fake.cluster.survey.has(b?.backend as never, 'kernels', { id })
  if (b) b.trouble = 'refused'
  t.same(await ids(fake), [id])
})

t.test(
  'a server that hangs is not waited for once its last list is known, and what others got meanwhile is there',
  async (t) => {
    const fake = fakeCluster()
    const [a, b] = fake.members
    const kernel = b?.server.hasKernel()
    t.same(await ids(fake), [kernel])
    if (b) b.trouble = 'hanging'
    fake.clock.now += 2_000
    const asking = ids(fake)
    for (let turn = 0; turn < 5; turn++) await nextTurn() // the other one has answered long ago
    const made = a?.server.hasKernel() as string
    fake.cluster.survey.has(a?.backend as never, 'kernels', { id: made })
    fake.losePatience()
    t.same(await asking, [made, kernel])
  },
)
