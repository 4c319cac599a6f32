import t from 'tap'
import { claimDocument, forkDocument, openDocument } from '../../gateway/jupyter/documents.ts'
import type { Model } from '../../gateway/jupyter/models.ts'
import { caller, type FakeCluster, fakeCluster } from '../fakes/fake-cluster.ts'

/** Servers that share documents: each has an index of file ids of what was opened there. */
function sharing(names = 'abc'): FakeCluster & { indexes: Map<string, Set<string>> } {
  const fake = fakeCluster({ names })
  const indexes = new Map<string, Set<string>>()
  for (const { server } of fake.members) {
    const index = new Set<string>()
    indexes.set(server.name, index)
    const answer = server.answer.bind(server)
    const json = (status: number, value: Model) => ({
      status,
      reason: '',
      headers: [],
      body: Buffer.from(JSON.stringify(value)),
    })
    server.answer = (request) => {
      const [path = '', query] = request.target.split('?')
      if (path.startsWith('/api/collaboration/session/')) {
        const fileId = `id-of-${path.split('/').at(-1)}`
        index.add(fileId)
        return json(201, { fileId, sessionId: server.name })
      }
      if (path.startsWith('/api/collaboration/fork/')) return json(200, { fork_roomid: `fork-in-${server.name}` })
      if (path !== '/api/fileid/path') return answer(request)
      return index.has(new URLSearchParams(query).get('id') ?? '') ? json(200, {}) : json(404, {})
    }
  }
  return { ...fake, indexes }
}

const opened = ({ indexes }: ReturnType<typeof sharing>) => [...indexes].filter(([, index]) => index.size > 0)

t.test('all who open one document meet in one server, and its room is asked for there', async (t) => {
  const fake = sharing()
  await Promise.all(Array.from({ length: 5 }, () => openDocument(fake.cluster, 'work/a.ipynb', caller('PUT', {}))))
  const [home] = opened(fake)
  t.equal(opened(fake).length, 1)
  const lease = await claimDocument(fake.cluster, 'id', 'id-of-a.ipynb')
  t.equal(fake.members.find(({ server }) => server.name === home?.[0])?.backend, lease?.backend)
})

t.test('gateways that do not talk open it in the same server', async (t) => {
  const fake = sharing()
  for (const path of ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `work/${name}.ipynb`)) {
    await openDocument(fake.cluster, path, caller('PUT', {}))
    await openDocument(fake.another().cluster, path, caller('PUT', {}))
  }
  const everywhere = [...fake.indexes.values()].reduce((sum, index) => sum + index.size, 0)
  t.equal(everywhere, 6)
})

t.test('a gateway that did not see it opened asks the servers who has the file', async (t) => {
  const fake = sharing()
  await openDocument(fake.cluster, 'work/a.ipynb', caller('PUT', {}))
  const [home] = opened(fake)
  const lease = await claimDocument(fake.another().cluster, 'id', 'id-of-a.ipynb')
  t.equal(lease?.backend.key, fake.members.find(({ server }) => server.name === home?.[0])?.backend.key)
})

t.test('users see each other in one room of one server', async (t) => {
  const fake = sharing()
  const leases = [
    await claimDocument(fake.cluster, 'id', 'globalAwareness'),
    await claimDocument(fake.another().cluster, 'id', 'globalAwareness'),
  ]
  t.equal(leases[0]?.backend.key, leases[1]?.backend.key)
})

t.test('a document stays where it was opened when another server comes', async (t) => {
  const fake = sharing('ab')
  const names = Array.from({ length: 20 }, (_, i) => `${i}.ipynb`)
  for (const name of names) await openDocument(fake.cluster, name, caller('PUT', {}))
  const before = names.map((name) => fake.cluster.owners.get('documents', `path:${name}`)?.backend.key)
  const { pool } = fake.cluster
  pool.judge(pool.add({ host: '10.0.0.9', port: 1 }), 'pass', 'answers')
  const leases = await Promise.all(names.map((name) => claimDocument(fake.cluster, 'path', name)))
  t.same(
    leases.map((lease) => lease?.backend.key),
    before,
  )
})

t.test('opening counts as one exchange and is over when it is answered', async (t) => {
  const fake = sharing()
  await openDocument(fake.cluster, 'work/a.ipynb', caller('PUT', {}))
  for (const { backend } of fake.members) t.equal(backend.inFlight, 0)
})

t.test('a fork is made where its document is, and asked for there', async (t) => {
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
    const fake = sharing()
    await openDocument(fake.cluster, `${name}.ipynb`, caller('PUT', {}))
    await forkDocument(fake.cluster, `json:notebook:id-of-${name}.ipynb`, caller('PUT', {}))
    const [home] = opened(fake)
    const lease = await claimDocument(fake.cluster, 'id', `fork-in-${home?.[0]}`)
    t.equal(fake.members.find(({ server }) => server.name === home?.[0])?.backend, lease?.backend)
    t.equal(lease?.backend.inFlight, 1)
  }
})
