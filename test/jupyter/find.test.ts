import t from 'tap'
import { caller, countOf, fakeCluster, type Member, nextTurn } from '../fakes/fake-cluster.ts'

t.test('what is known is found without asking anybody', async (t) => {
  const fake = fakeCluster()
  const [, b] = fake.members
  const id = b?.server.hasKernel() as string
  fake.cluster.owners.learn('kernels', id, b?.backend as never)
  t.match(await fake.cluster.find('kernels', id), { kind: 'found', owner: { localId: id } })
  t.equal(countOf(fake, 'GET', '/api/kernels'), 0)
})

t.test('what is not known is asked of every backend once, in one list each', async (t) => {
  const fake = fakeCluster({ names: 'abc' })
  const [, , c] = fake.members
  const id = c?.server.hasKernel() as string
  const findings = await Promise.all(Array.from({ length: 20 }, () => fake.cluster.find('kernels', id)))
  for (const finding of findings) t.equal(finding.kind === 'found' && finding.owner.backend, c?.backend)
  for (const { server } of fake.members) t.ok(server.askedFor('GET', '/api/kernels').length <= 2, server.name)
  t.equal(countOf(fake, 'GET', `/api/kernels/${id}`), 0)
})

t.test('the search has learnt what else it saw', async (t) => {
  const fake = fakeCluster()
  const [a, b] = fake.members
  const one = a?.server.hasKernel() as string
  const two = b?.server.hasKernel() as string
  await fake.cluster.find('kernels', one)
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  const asked = countOf(fake, 'GET', '/api/kernels')
  t.equal((await fake.cluster.find('kernels', two)).kind, 'found')
  t.equal(countOf(fake, 'GET', '/api/kernels'), asked)
})

t.test('a session that was moved is found under its old id', async (t) => {
  const fake = fakeCluster()
  const [, b] = fake.members
  const old = '0f3b2c1d-aaaa-4bbb-8ccc-1234567890ab'
  const id = b?.server.hasSession('x.ipynb', { name: `x.ipynb\u001f${old}` })
  const finding = await fake.cluster.find('sessions', old)
  t.match(finding, { kind: 'found', owner: { localId: id } })
})

t.test('also where the one that it replaces is still listed, and that answers first', async (t) => {
  const fake = fakeCluster()
  const [a, b] = fake.members as [Member, Member]
  const old = a.server.hasSession('x.ipynb')
  b.server.hasSession('x.ipynb', { name: `x.ipynb\u001f${old}` })
  t.match(await fake.cluster.find('sessions', old), { kind: 'found', owner: { backend: b.backend } })
})

t.test('what every backend denies is absent', async (t) => {
  const { cluster } = fakeCluster({ names: 'abc' })
  t.strictSame(await cluster.find('kernels', 'nobody-knows-this-kernel-id'), { kind: 'absent' })
})

t.test('what only an unreachable backend might have is unknown, not absent', async (t) => {
  for (const trouble of ['refused', 'silent'] as const) {
    const { cluster, members } = fakeCluster()
    const [, b] = members
    if (b) b.trouble = trouble
    t.strictSame(await cluster.find('kernels', 'some-kernel-of-another-gateway'), { kind: 'unknown' }, trouble)
  }
})

t.test('one that hangs holds up nobody who looks for what another has', async (t) => {
  const { cluster, members } = fakeCluster({ names: 'abc' })
  const [a, b] = members as [Member, Member]
  a.trouble = 'hanging'
  const [one, two] = [b.server.hasKernel(), b.server.hasKernel()]
  t.match(await cluster.find('kernels', one), { kind: 'found', owner: { backend: b.backend } })
  t.match(await cluster.find('kernels', two, 'now'), { kind: 'found', owner: { backend: b.backend } })
})

t.test('it is waited for no longer than a client is held; who would start something waits for all', async (t) => {
  const { cluster, members, losePatience } = fakeCluster({ names: 'abc' })
  const [a] = members as [Member]
  a.trouble = 'hanging'
  const looked: string[] = []
  const looks = (freshness: 'recent' | 'now') =>
    cluster.find('kernels', 'some-kernel', freshness).then(({ kind }) => looked.push(`${freshness} ${kind}`))
  const client = looks('recent')
  void looks('now')
  for (let turn = 0; turn < 20; turn++) await nextTurn()
  t.strictSame(looked, [])
  losePatience()
  await client
  for (let turn = 0; turn < 20; turn++) await nextTurn()
  t.strictSame(looked, ['recent unknown'])
})

t.test('a backend that left the pool owns nothing, though it was learnt', async (t) => {
  const { cluster, members } = fakeCluster()
  const [, b] = members
  const id = b?.server.hasKernel() as string
  await cluster.find('kernels', id)
  if (b) cluster.pool.remove(b.backend)
  t.strictSame(await cluster.find('kernels', id), { kind: 'absent' })
})

t.test('that nobody has it is remembered for a while, but not of a name that only fills the memory', async (t) => {
  const { cluster } = fakeCluster()
  const ids = ['00000000-0000-4000-8000-000000000000', `${'a'.repeat(8_000)}-b-c-d-e`] as const
  for (const id of ids) t.strictSame(await cluster.find('kernels', id), { kind: 'absent' })
  t.same(
    ids.map((id) => cluster.isKnown('kernels', id)),
    [true, false],
  )
})

t.test('the owner is still found while it does not answer', async (t) => {
  const { cluster, members } = fakeCluster()
  const [, b] = members
  const id = b?.server.hasKernel() as string
  await cluster.find('kernels', id)
  if (b) b.trouble = 'refused'
  if (b) cluster.pool.judge(b.backend, 'fail', 'refused')
  const finding = await cluster.find('kernels', id)
  t.equal(finding.kind === 'found' && finding.owner.backend, b?.backend)
})

t.test('an owner that does not answer is told to passive health, and its lease is given back', async (t) => {
  const { cluster, members, failures } = fakeCluster()
  const [a] = members
  if (a) a.trouble = 'silent'
  await t.rejects(cluster.askOwner(a?.backend as never, 'api/kernels', caller('GET')), { code: 'backend-slow' })
  t.same(failures, [a?.backend.key])
  t.equal(a?.backend.inFlight, 0)
})

t.test('a GET is asked of another backend when the first fails; a POST only where nothing was sent', async (t) => {
  for (const { trouble, method, asked } of [
    { trouble: 'silent', method: 'GET', asked: 'another' },
    { trouble: 'refused', method: 'GET', asked: 'another' },
    { trouble: 'refused', method: 'POST', asked: 'another' },
    { trouble: 'silent', method: 'POST', asked: 'nobody' },
  ] as const) {
    const { cluster, members } = fakeCluster()
    const [a, b] = members
    if (a) a.trouble = trouble
    const asking = cluster.askLeastLoaded('api/kernels', caller(method, method === 'POST' ? {} : undefined))
    if (asked === 'another') t.equal((await asking).backend, b?.backend, `${trouble} ${method}`)
    else await t.rejects(asking, { code: 'backend-slow' }, `${trouble} ${method}`)
    t.equal(b?.server.asked.length, asked === 'another' ? 1 : 0)
    t.same([a?.backend.inFlight, b?.backend.inFlight], [0, 0])
  }
})

t.test('when all have failed there is no backend', async (t) => {
  const { cluster, members } = fakeCluster()
  for (const member of members) member.trouble = 'refused'
  await t.rejects(cluster.askLeastLoaded('api/kernels', caller('GET')), { code: 'no-backend' })
})

t.test('the query goes along, with the token it may carry', async (t) => {
  const { cluster, members } = fakeCluster()
  const asking = caller('GET', undefined, {
    headers: ['Host', 'jupyter.example'],
    query: '?token=secret&1700000000000',
  })
  t.equal((await cluster.askLeastLoaded('api/kernels', asking)).answer.status, 200)
  t.equal(members[0]?.server.asked[0]?.target, '/api/kernels?token=secret&1700000000000')
})

t.test('while a backend that had lists is silent, what nobody has is unknown: it may have got it since', async (t) => {
  const { cluster, members } = fakeCluster()
  const [, b] = members
  await cluster.everywhere('kernels', 'now')
  if (b) b.trouble = 'refused'
  t.strictSame(await cluster.find('kernels', 'made-through-another-gateway'), { kind: 'unknown' })
})

t.test('look-ups are counted by the way that answered them', async (t) => {
  const fake = fakeCluster()
  const [a, b] = fake.members
  const { cluster } = fake
  const created = a?.server.hasKernel() as string
  cluster.owners.learn('kernels', created, a?.backend as never)
  await cluster.find('kernels', created)
  t.match(cluster.lookups.counts, { known: 1, survey: 0, probed: 0, not_found: 0, unknown: 0 })
  const found = b?.server.hasKernel() as string
  await cluster.find('kernels', found)
  t.match(cluster.lookups.counts, { known: 1, survey: 0, probed: 1, not_found: 0 })
  await cluster.find('kernels', found)
  t.match(cluster.lookups.counts, { known: 1, survey: 1, probed: 1, not_found: 0 }, 'a survey had told of it')
  for (let i = 0; i < 2; i++) await cluster.find('kernels', 'a-b-c-d-e')
  t.match(cluster.lookups.counts, { known: 1, survey: 1, probed: 1, not_found: 2, unknown: 0 })
  if (b) b.trouble = 'silent'
  await cluster.find('kernels', 'f-b-c-d-e')
  t.match(cluster.lookups.counts, { not_found: 2, unknown: 1 })
})
