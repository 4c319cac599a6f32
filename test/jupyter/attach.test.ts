import t from 'tap'
import { header } from '../../gateway/http1/raw-headers.ts'
import { mergedList } from '../../gateway/jupyter/lists.ts'
import { session } from '../../gateway/jupyter/session.ts'
import { caller, type FakeCluster, fakeCluster, listIn, objectIn, stranger, token } from '../fakes/fake-cluster.ts'

/** A notebook in the first server, and a kernel in the second that it shall use. */
function apart(): FakeCluster & { id: string; ownKernel: string; kernelId: string } {
  const fake = fakeCluster()
  const [a, b] = fake.members
  const ownKernel = a?.server.hasKernel() as string
  const id = a?.server.hasSession('work/a.ipynb', { name: 'a.ipynb', kernelId: ownKernel }) as string
  return { ...fake, id, ownKernel, kernelId: b?.server.hasKernel() as string }
}

const attach = ({ cluster, id, kernelId }: ReturnType<typeof apart>, changes: object = {}) =>
  session(cluster, id, caller('PATCH', { kernel: { id: kernelId }, ...changes }))

t.test('a notebook takes a kernel of another server, and its session keeps its id', async (t) => {
  const fake = apart()
  const answer = await attach(fake)
  t.equal(answer.status, 200)
  t.match(objectIn(answer), {
    id: fake.id,
    path: 'work/a.ipynb',
    name: 'a.ipynb',
    type: 'notebook',
    kernel: { id: fake.kernelId },
    notebook: { path: 'work/a.ipynb', name: 'a.ipynb' },
  })
  t.equal(header(answer.headers, 'location')?.endsWith(fake.id) ?? true, true, 'no other id shows')
})

t.test('the session it replaces is ended, and its kernel with it', async (t) => {
  const fake = apart()
  const [a, b] = fake.members
  await attach(fake)
  t.equal(a?.server.sessions.size, 0)
  t.equal(a?.server.kernels.size, 0)
  t.equal(b?.server.sessions.size, 1)
  t.equal(b?.server.kernels.size, 1, 'and no kernel is started')
  t.equal(a?.backend.carries, 0)
})

t.test('first made, then ended: at no moment is there none', async (t) => {
  const fake = apart()
  const steps: string[] = []
  for (const { server } of fake.members) {
    const answer = server.answer.bind(server)
    server.answer = (request) => {
      if (request.method !== 'GET') steps.push(`${request.method} ${server.name}`)
      return answer(request)
    }
  }
  await attach(fake)
  t.same(steps, ['POST b', 'DELETE a'])
})

t.test('every step is done with the caller’s credentials', async (t) => {
  const fake = apart()
  await fake.cluster.find('sessions', fake.id)
  await fake.cluster.find('kernels', fake.kernelId)
  for (const { server } of fake.members) server.asked.length = 0
  const headers = ['Host', 'jupyter.example', 'Cookie', 'mine=1', 'X-XSRFToken', 'x']
  const own = { headers, query: `?token=${token}&1700000000000` }
  await session(fake.cluster, fake.id, caller('PATCH', { kernel: { id: fake.kernelId } }, own))
  const asked = fake.members.flatMap(({ server }) => server.asked)
  t.equal(asked.length, 3)
  for (const request of asked) {
    t.strictSame(request.headers, headers, request.method)
    t.ok(request.target.endsWith(own.query), request.target)
  }
})

t.test('it is one session in the list, under its id, with its new kernel', async (t) => {
  const fake = apart()
  await attach(fake)
  const list = listIn(await mergedList(fake.cluster, 'sessions', caller('GET'), () => t.fail('no alarm')))
  t.match(list, [{ id: fake.id, name: 'a.ipynb', kernel: { id: fake.kernelId } }])
  t.equal(list.length, 1)
})

t.test('another gateway, and a restarted one, know it under that id', async (t) => {
  const fake = apart()
  await attach(fake)
  const other = fake.another().cluster
  t.match(objectIn(await session(other, fake.id, caller('GET'))), { id: fake.id, kernel: { id: fake.kernelId } })
  t.equal((await session(other, fake.id, caller('DELETE'))).status, 204)
  t.equal(fake.members[1]?.server.sessions.size, 0)
})

t.test('it can go back, and on to a third', async (t) => {
  const fake = fakeCluster({ names: 'abc' })
  const [a, b, c] = fake.members
  const id = a?.server.hasSession('a.ipynb') as string
  for (const { server } of [b, c, a].filter((member) => member !== undefined)) {
    const kernelId = server.hasKernel()
    const answer = await session(fake.cluster, id, caller('PATCH', { kernel: { id: kernelId } }))
    t.match(objectIn(answer), { id, name: 'a.ipynb', kernel: { id: kernelId } }, server.name)
    const list = listIn(await mergedList(fake.cluster, 'sessions', caller('GET'), () => t.fail('no alarm')))
    t.match(list, [{ id, name: 'a.ipynb', kernel: { id: kernelId } }], server.name)
    t.same(list.length, 1)
  }
  t.same(
    fake.members.map(({ server }) => server.sessions.size),
    [1, 0, 0],
  )
})

t.test('a new path and name in the same PATCH come along', async (t) => {
  const fake = apart()
  const answer = await attach(fake, { path: 'work/b.ipynb', name: 'b.ipynb', type: 'console' })
  t.match(objectIn(answer), { id: fake.id, path: 'work/b.ipynb', name: 'b.ipynb', type: 'console' })
})

t.test('who may not is told so by the first step, and nothing has happened', async (t) => {
  const fake = apart()
  const answer = await session(fake.cluster, fake.id, stranger('PATCH', { kernel: { id: fake.kernelId } }))
  t.equal(answer.status, 403)
  t.equal(fake.members[0]?.server.sessions.size, 1)
  t.equal(fake.members[1]?.server.sessions.size, 0)
})

t.test('a session of that path with another kernel there is a conflict, and nothing is lost', async (t) => {
  const fake = apart()
  const [a, b] = fake.members
  b?.server.hasSession('work/a.ipynb')
  const answer = await attach(fake)
  t.equal(answer.status, 409)
  t.match(objectIn(answer).message, /work\/a\.ipynb/)
  t.equal(a?.server.sessions.size, 1)
  t.equal(a?.server.kernels.size, 1)
})

t.test('so is one with that very kernel, which goes by another id already', async (t) => {
  const fake = apart()
  fake.members[1]?.server.hasSession('work/a.ipynb', { kernelId: fake.kernelId })
  t.equal((await attach(fake)).status, 409)
  t.match(objectIn(await session(fake.cluster, fake.id, caller('GET'))), {
    id: fake.id,
    kernel: { id: fake.ownKernel },
  })
})

t.test('a kernel’s backend that does not answer changes nothing', async (t) => {
  const fake = apart()
  const [a, b] = fake.members
  await fake.cluster.find('kernels', fake.kernelId)
  if (b) b.trouble = 'silent'
  await t.rejects(attach(fake), { code: 'backend-slow' })
  t.equal(a?.server.sessions.size, 1)
  t.equal(a?.server.kernels.size, 1)
  t.match(objectIn(await session(fake.cluster, fake.id, caller('GET'))), {
    id: fake.id,
    kernel: { id: fake.ownKernel },
  })
})

t.test('an old backend that dies between the steps leaves the moved session in the list alone', async (t) => {
  const fake = apart()
  const [a, b] = fake.members
  const answer = b?.server.answer.bind(b.server)
  if (a && b && answer) {
    b.server.answer = (request) => {
      if (request.method === 'POST') a.trouble = 'silent'
      return answer(request)
    }
  }
  t.match(objectIn(await attach(fake)), { id: fake.id, kernel: { id: fake.kernelId } })
  const listed = async () => listIn(await mergedList(fake.cluster, 'sessions', caller('GET'), () => t.fail('no alarm')))
  t.match(await listed(), [{ id: fake.id, kernel: { id: fake.kernelId } }])
  if (a) a.trouble = 'none'
  fake.clock.now += 2_000
  t.match(await listed(), [{ id: fake.id, kernel: { id: fake.kernelId } }], 'also when it is back with the old one')
  t.equal((await listed()).length, 1)
  t.match(objectIn(await session(fake.cluster, fake.id, caller('GET'))), { kernel: { id: fake.kernelId } })
})

t.test('an error of the kernel’s backend is passed on, and the session stays where it was', async (t) => {
  const fake = apart()
  const [a, b] = fake.members
  const answer = b?.server.answer.bind(b.server)
  if (b && answer) {
    b.server.answer = (request) => {
      if (request.method !== 'POST') return answer(request)
      return { status: 500, reason: '', headers: [], body: Buffer.from('{"message":"no"}') }
    }
  }
  t.equal((await attach(fake)).status, 500)
  t.equal(a?.server.sessions.size, 1)
})
