import t from 'tap'
import { header } from '../../gateway/http1/raw-headers.ts'
import { createSession } from '../../gateway/jupyter/sessions.ts'
import { caller, countOf, fakeCluster, nextTurn, objectIn, stranger } from '../fakes/fake-cluster.ts'

const old = '0f3b2c1d-aaaa-4bbb-8ccc-1234567890ab'
const notebook = (path: string, kernel: object = { name: 'python3' }) =>
  caller('POST', { path, name: path, type: 'notebook', kernel })

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await nextTurn()
}

t.test('50 clients that open one notebook at once get one session and one kernel', async (t) => {
  const { cluster, members } = fakeCluster({ names: 'abc' })
  const answers = await Promise.all(Array.from({ length: 50 }, () => createSession(cluster, notebook('a.ipynb'))))
  t.same(new Set(answers.map(({ status }) => status)), new Set([201]))
  t.equal(new Set(answers.map((answer) => objectIn(answer).id)).size, 1)
  const sum = (size: (member: (typeof members)[number]) => number) => members.reduce((total, m) => total + size(m), 0)
  t.equal(
    sum(({ server }) => server.sessions.size),
    1,
  )
  t.equal(
    sum(({ server }) => server.kernels.size),
    1,
  )
})

t.test('50 notebooks at once are spread over the backends', async (t) => {
  const { cluster, members } = fakeCluster()
  await Promise.all(Array.from({ length: 50 }, (_, i) => createSession(cluster, notebook(`${i}.ipynb`))))
  t.same(
    members.map(({ server }) => server.sessions.size),
    [25, 25],
  )
})

t.test('a path that has a session goes to its backend, loaded or not', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a, b] = members
  const id = b?.server.hasSession('a.ipynb')
  if (b) b.backend.carries = 50
  const answer = await createSession(cluster, notebook('a.ipynb'))
  t.equal(objectIn(answer).id, id)
  t.equal(a?.server.sessions.size, 0)
})

t.test('a place that was kept for a session is given back, whatever becomes of it', async (t) => {
  const { cluster, members } = fakeCluster()
  const underWay = () => members.map(({ backend }) => backend.inFlight)
  await createSession(cluster, notebook('made.ipynb'))
  t.same(underWay(), [0, 0])
  await createSession(cluster, notebook('made.ipynb'))
  t.same(underWay(), [0, 0], 'it was there')
  await cluster.everywhere('sessions', 'now')
  for (const member of members) member.trouble = 'silent'
  await t.rejects(createSession(cluster, notebook('failed.ipynb')))
  t.same(underWay(), [0, 0], 'it failed')
})

t.test('a session is not started where it was to be, if that drains by now', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a, b] = members
  const creating = createSession(cluster, notebook('a.ipynb'))
  await until(() => a?.backend.inFlight === 1)
  if (a) cluster.pool.drain(a.backend, 'operator')
  await creating
  t.same([a?.server.sessions.size, b?.server.sessions.size], [0, 1])
  t.same([a?.backend.inFlight, b?.backend.inFlight], [0, 0])
})

t.test('a session that another gateway made a moment ago is seen', async (t) => {
  const here = fakeCluster()
  const there = here.another()
  await here.cluster.everywhere('sessions', 'now')
  const first = objectIn(await createSession(there.cluster, notebook('a.ipynb')))
  for (const { backend } of here.members) backend.carries = backend.key === '10.0.0.1:8001' ? 9 : 0
  const second = objectIn(await createSession(here.cluster, notebook('a.ipynb')))
  t.equal(second.id, first.id)
})

t.test('gateways that create a session of one path at once make one session and one kernel', async (t) => {
  for (let round = 0; round < 20; round++) {
    const first = fakeCluster({ names: 'abc', random: Math.random })
    const gateways = [first, first.another(), first.another()]
    const answers = await Promise.all(gateways.map(({ cluster }) => createSession(cluster, notebook('a.ipynb'))))
    const [id, ...others] = answers.map((answer) => objectIn(answer).id)
    t.same(others, [id, id])
    const left = first.members.flatMap(({ server }) => [...server.sessions.keys()])
    t.same(left, [id])
    t.equal(first.members.flatMap(({ server }) => [...server.kernels.keys()]).length, 1)
  }
})

t.test('of two sessions that two gateways have just made the one that stays is answered', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a, b] = members
  const dying = a?.server.hasSession('a.ipynb')
  const staying = b?.server.hasSession('a.ipynb')
  const asked = createSession(cluster, notebook('a.ipynb'))
  await until(() => members.every(({ tries }) => tries > 3))
  a?.server.sessions.delete(dying as string)
  t.equal(objectIn(await asked).id, staying)
})

t.test('gateways that create a session of one path at once never answer with one that is being ended', async (t) => {
  for (let round = 0; round < 20; round++) {
    const first = fakeCluster({ names: 'ab', random: Math.random })
    const gateways = [first, first.another()]
    for (const { members } of gateways) for (const member of members) member.shutdownTurns = 500
    const answers = await Promise.all(gateways.map(({ cluster }) => createSession(cluster, notebook('a.ipynb'))))
    const [id, other] = answers.map((answer) => objectIn(answer).id)
    t.equal(other, id)
    t.same(
      first.members.flatMap(({ server }) => [...server.sessions.keys()]),
      [id],
    )
  }
})

t.test('two gateways make one session of a path though the servers are late with their lists', async (t) => {
  const here = fakeCluster()
  const there = here.another()
  there.members.forEach(({ backend }, i) => {
    backend.carries = 1 - i
  })
  await Promise.all([here, there].map(({ cluster }) => cluster.everywhere('sessions', 'now')))
  const sessions = [createSession(here.cluster, notebook('a.ipynb')), createSession(there.cluster, notebook('a.ipynb'))]
  // Each has looked and found nothing; now the servers make what they were asked for, and answer no list for a while.
  await until(() => here.members.every(({ server }) => server.sessions.size > 0))
  for (const { members } of [here, there]) for (const member of members) member.listsLate = 2
  const [first, second] = (await Promise.all(sessions)).map((answer) => objectIn(answer).id)
  t.equal(second, first)
  t.equal(
    here.members.reduce((sum, { server }) => sum + server.sessions.size, 0),
    1,
  )
})

t.test('whoever starts a notebook waits for a server that is late: it may have it', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a, b] = members
  await cluster.everywhere('sessions', 'now')
  const id = a?.server.hasSession('a.ipynb')
  if (a) a.listsLate = 3
  if (a) cluster.pool.judge(a.backend, 'late', 'no answer in time')
  t.equal(objectIn(await createSession(cluster, notebook('a.ipynb'))).id, id)
  t.equal(b?.server.sessions.size, 0)
})

t.test('a rival that was answered before ours was made stays, whatever its id', async (t) => {
  for (const rival of ['0-0-0-0-0', 'z-z-z-z-z']) {
    const { cluster, members } = fakeCluster()
    const [a, b] = members
    // Made behind our back between our look and our creation.
    const creating = createSession(cluster, notebook('a.ipynb'))
    await until(() => members.some(({ server }) => server.sessions.size > 0))
    const free = members.find(({ server }) => server.sessions.size === 0) ?? a
    free?.server.hasSession('a.ipynb', { id: rival })
    t.equal(objectIn(await creating).id, rival)
    t.equal((a?.server.sessions.size ?? 0) + (b?.server.sessions.size ?? 0), 1)
  }
})

t.test('a kernel that is named takes the session to its owner', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a, b] = members
  const kernelId = b?.server.hasKernel()
  if (b) b.backend.carries = 50
  const answer = await createSession(cluster, notebook('console.ipynb', { id: kernelId }))
  t.equal((objectIn(answer).kernel as { id: string }).id, kernelId)
  t.equal(a?.server.kernels.size, 0, 'no second kernel of that id')
  t.equal(b?.server.sessions.size, 1)
})

t.test('a path that has a session wins over the kernel that is named, as in one server', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a, b] = members
  const id = a?.server.hasSession('a.ipynb')
  const kernelId = b?.server.hasKernel()
  t.equal(objectIn(await createSession(cluster, notebook('a.ipynb', { id: kernelId }))).id, id)
})

t.test('without either it goes to the least loaded backend', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a, b] = members
  if (a) a.backend.carries = 2
  await createSession(cluster, notebook('a.ipynb'))
  t.equal(b?.server.sessions.size, 1)
})

t.test('the older form, with the path inside notebook, is the same path', async (t) => {
  const { cluster, members } = fakeCluster()
  const [, b] = members
  const id = b?.server.hasSession('a.ipynb')
  for (const field of ['path', 'name']) {
    const older = caller('POST', { notebook: { [field]: 'a.ipynb' }, kernel: { name: 'python3' } })
    t.equal(objectIn(await createSession(cluster, older)).id, id, field)
  }
})

t.test('what cannot be read is refused by Jupyter itself', async (t) => {
  const { cluster } = fakeCluster()
  t.equal((await createSession(cluster, caller('POST', { kernel: { name: 'python3' } }))).status, 400)
  t.equal((await createSession(cluster, caller('POST', { path: 'a.ipynb' }))).status, 400)
  t.equal((await createSession(cluster, caller('POST', { path: 3, type: 'notebook' }))).status, 400)
})

t.test('the session and its kernel are known from the answer', async (t) => {
  const fake = fakeCluster()
  const { id, kernel } = objectIn(await createSession(fake.cluster, notebook('a.ipynb')))
  const asked = countOf(fake, 'GET', '/api/kernels')
  t.equal((await fake.cluster.find('sessions', String(id))).kind, 'found')
  t.equal((await fake.cluster.find('kernels', (kernel as { id: string }).id)).kind, 'found')
  t.equal(countOf(fake, 'GET', '/api/kernels'), asked)
  t.same(
    fake.members.map(({ backend }) => backend.carries),
    [1, 0],
  )
})

t.test('a moved session that is opened again is answered under its old id, in Location too', async (t) => {
  const { cluster, members } = fakeCluster()
  members[1]?.server.hasSession('a.ipynb', { name: `a.ipynb\u001f${old}` })
  const answer = await createSession(cluster, notebook('a.ipynb'))
  t.match(objectIn(answer), { id: old, name: 'a.ipynb' })
  t.equal(header(answer.headers, 'location'), `/api/sessions/${old}`)
})

t.test('of a moved session and the one it replaces, the moved one is opened', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a, b] = members
  a?.server.hasSession('a.ipynb', { id: old })
  const kernelId = b?.server.hasKernel() as string
  const localId = b?.server.hasSession('a.ipynb', { name: `a.ipynb\u001f${old}`, kernelId })
  const answer = await createSession(cluster, notebook('a.ipynb'))
  t.match(objectIn(answer), { id: old, kernel: { id: kernelId } })
  t.match(await cluster.find('sessions', old), { kind: 'found', owner: { localId } })
})

t.test('nothing is made while a backend of which nothing is known might have the path', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a, b] = members
  if (b) b.trouble = 'silent'
  await t.rejects(createSession(cluster, notebook('a.ipynb')), { code: 'list-incomplete' })
  t.equal(a?.server.sessions.size, 0)
})

t.test('a path whose backend does not answer is not made anew elsewhere', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a, b] = members
  b?.server.hasSession('a.ipynb')
  await cluster.everywhere('sessions', 'now')
  if (b) b.trouble = 'refused'
  if (b) cluster.pool.judge(b.backend, 'fail', 'refused')
  await t.rejects(createSession(cluster, notebook('a.ipynb')), { code: 'backend-refused' })
  t.equal(a?.server.sessions.size, 0)
})

t.test('a failed creation does not hold up the next one of that path', async (t) => {
  const { cluster, members } = fakeCluster()
  await cluster.everywhere('sessions', 'now')
  const [a] = members
  if (a) a.trouble = 'silent'
  await t.rejects(createSession(cluster, notebook('a.ipynb')))
  if (a) a.trouble = 'none'
  t.equal((await createSession(cluster, notebook('a.ipynb'))).status, 201)
})

t.test('who may not is told so, and nothing is learnt', async (t) => {
  const { cluster, members } = fakeCluster()
  const answer = await createSession(cluster, stranger('POST', { path: 'a.ipynb', type: 'notebook' }))
  t.equal(answer.status, 403)
  t.same(
    members.map(({ backend }) => backend.carries),
    [0, 0],
  )
})
