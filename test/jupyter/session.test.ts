import t from 'tap'
import { mergedList } from '../../gateway/jupyter/lists.ts'
import { session } from '../../gateway/jupyter/session.ts'
import { createSession } from '../../gateway/jupyter/sessions.ts'
import { caller, countOf, type FakeCluster, fakeCluster, listIn, objectIn, stranger } from '../fakes/fake-cluster.ts'

const old = '0f3b2c1d-aaaa-4bbb-8ccc-1234567890ab'

/** A cluster whose second server has a session that once lived elsewhere. */
function withMoved(): FakeCluster & { localId: string } {
  const fake = fakeCluster()
  const localId = fake.members[1]?.server.hasSession('a.ipynb', { name: `a.ipynb\u001f${old}` }) as string
  return { ...fake, localId }
}

t.test('a session is read, changed and ended where it lives', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a, b] = members
  const id = b?.server.hasSession('a.ipynb') as string
  t.match(objectIn(await session(cluster, id, caller('GET'))), { id, path: 'a.ipynb' })
  const renamed = await session(cluster, id, caller('PATCH', { path: 'b.ipynb', name: 'b.ipynb' }))
  t.match(objectIn(renamed), { id, path: 'b.ipynb', name: 'b.ipynb' })
  t.equal((await session(cluster, id, caller('DELETE'))).status, 204)
  t.equal(b?.server.sessions.size, 0)
  t.equal(cluster.owners.get('sessions', id), undefined)
  t.same(
    a?.server.asked.filter(({ method }) => method !== 'GET'),
    [],
  )
})

t.test('an id that nobody has is answered in Jupyter’s words', async (t) => {
  const { cluster } = fakeCluster()
  const answer = await session(cluster, old, caller('GET'))
  t.equal(answer.status, 404)
  t.match(answer.body.toString(), 'Session not found')
})

t.test('an id that an unreachable backend may have is not said to be absent', async (t) => {
  const { cluster, members } = fakeCluster()
  const [, b] = members
  if (b) b.trouble = 'silent'
  await t.rejects(session(cluster, old, caller('GET')), { code: 'owner-unreachable' })
})

t.test('a moved session is read under its old id', async (t) => {
  const { cluster } = withMoved()
  t.match(objectIn(await session(cluster, old, caller('GET'))), {
    id: old,
    name: 'a.ipynb',
    notebook: { name: 'a.ipynb' },
  })
})

t.test('a moved session keeps its old id when it is renamed', async (t) => {
  const fake = withMoved()
  const renamed = await session(fake.cluster, old, caller('PATCH', { path: 'b.ipynb', name: 'b.ipynb' }))
  t.match(objectIn(renamed), { id: old, path: 'b.ipynb', name: 'b.ipynb' })
  t.equal(fake.members[1]?.server.sessions.get(fake.localId)?.name, `b.ipynb\u001f${old}`)
  t.match(objectIn(await session(fake.another().cluster, old, caller('GET'))), { id: old, name: 'b.ipynb' })
})

t.test('a change that leaves the name alone leaves the mark alone', async (t) => {
  const { cluster, members, localId } = withMoved()
  t.match(objectIn(await session(cluster, old, caller('PATCH', { path: 'b.ipynb' }))), { id: old, path: 'b.ipynb' })
  t.equal(members[1]?.server.sessions.get(localId)?.name, `a.ipynb\u001f${old}`)
})

t.test('a moved session is ended under its old id, and is then in no list', async (t) => {
  const { cluster, members } = withMoved()
  t.equal((await session(cluster, old, caller('DELETE'))).status, 204)
  t.equal(members[1]?.server.sessions.size, 0)
  t.same(listIn(await mergedList(cluster, 'sessions', caller('GET'), () => {})), [])
  t.equal((await session(cluster, old, caller('GET'))).status, 404)
})

t.test('a new kernel by name is started where the session is, and known', async (t) => {
  const fake = fakeCluster()
  const [a, b] = fake.members
  const id = b?.server.hasSession('a.ipynb') as string
  const answer = await session(fake.cluster, id, caller('PATCH', { kernel: { name: 'other' } }))
  const kernelId = (objectIn(answer).kernel as { id: string }).id
  t.ok(b?.server.kernels.has(kernelId))
  t.equal(a?.server.kernels.size, 0)
  t.equal(fake.cluster.owners.get('kernels', kernelId)?.backend, b?.backend)
})

t.test('a kernel of the same backend is a plain PATCH, body and all', async (t) => {
  const { cluster, members } = fakeCluster()
  const [, b] = members
  const id = b?.server.hasSession('a.ipynb') as string
  const kernelId = b?.server.hasKernel() as string
  const answer = await session(cluster, id, caller('PATCH', { kernel: { id: kernelId } }))
  t.match(objectIn(answer), { id, kernel: { id: kernelId } })
  t.equal(b?.server.askedFor('POST', '/api/sessions').length, 0)
})

t.test('a kernel that nobody has is Jupyter’s 400', async (t) => {
  const { cluster, members } = fakeCluster()
  const id = members[1]?.server.hasSession('a.ipynb') as string
  const answer = await session(cluster, id, caller('PATCH', { kernel: { id: 'nobody-has-this-kernel-id' } }))
  t.equal(answer.status, 400)
  t.match(answer.body.toString(), 'No such kernel')
})

t.test('a kernel that an unreachable backend may have is no 400', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a, b] = members
  const id = a?.server.hasSession('a.ipynb') as string
  await cluster.find('sessions', id)
  if (b) b.trouble = 'silent'
  const asking = session(cluster, id, caller('PATCH', { kernel: { id: 'maybe-there-is-such-one' } }))
  await t.rejects(asking, { code: 'owner-unreachable' })
})

t.test('a session that another gateway moved since is followed', async (t) => {
  const fake = fakeCluster()
  const [a, b] = fake.members
  const created = await createSession(fake.cluster, caller('POST', { path: 'a.ipynb', name: 'a', type: 'notebook' }))
  const id = String(objectIn(created).id)
  a?.server.sessions.delete(id)
  b?.server.hasSession('a.ipynb', { name: `a\u001f${id}` })
  t.match(objectIn(await session(fake.cluster, id, caller('GET'))), { id, path: 'a.ipynb' })
  t.equal((await session(fake.cluster, id, caller('PATCH', { name: 'b' }))).status, 200)
})

t.test('one that ended meanwhile is 404, and asked for once more alone', async (t) => {
  const fake = fakeCluster()
  const created = await createSession(fake.cluster, caller('POST', { path: 'a.ipynb', name: 'a', type: 'notebook' }))
  const id = String(objectIn(created).id)
  fake.members[0]?.server.sessions.delete(id)
  t.equal((await session(fake.cluster, id, caller('GET'))).status, 404)
  t.equal(countOf(fake, 'GET', `/api/sessions/${id}`), 1)
})

t.test('who may not, hears it, and nothing is forgotten', async (t) => {
  const { cluster, members } = fakeCluster()
  const id = members[1]?.server.hasSession('a.ipynb') as string
  for (const method of ['GET', 'PATCH', 'DELETE']) {
    t.equal((await session(cluster, id, stranger(method, method === 'PATCH' ? { name: 'x' } : undefined))).status, 403)
  }
  t.equal(cluster.owners.get('sessions', id)?.backend, members[1]?.backend)
})

t.test('two renames at once are one after the other, and the last one stands in both', async (t) => {
  const { cluster, members } = fakeCluster()
  const id = members[1]?.server.hasSession('a.ipynb') as string
  await Promise.all(['1', '2'].map((name) => session(cluster, id, caller('PATCH', { path: name, name }))))
  t.match(objectIn(await session(cluster, id, caller('GET'))), { path: '2', name: '2' })
})
