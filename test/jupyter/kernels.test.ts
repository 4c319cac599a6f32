import t from 'tap'
import { createKernel } from '../../gateway/jupyter/kernels.ts'
import { caller, countOf, fakeCluster, objectIn, stranger } from '../fakes/fake-cluster.ts'

t.test('kernels that are made one after the other are spread over the backends', async (t) => {
  const { cluster, members } = fakeCluster({ names: 'abc' })
  for (let i = 0; i < 9; i++) t.equal((await createKernel(cluster, caller('POST', { name: 'python3' }))).status, 201)
  t.same(
    members.map(({ server }) => server.kernels.size),
    [3, 3, 3],
  )
  t.same(
    members.map(({ backend }) => backend.carries),
    [3, 3, 3],
  )
})

t.test('and those that are made at once as well', async (t) => {
  const { cluster, members } = fakeCluster({ names: 'abc' })
  await Promise.all(Array.from({ length: 30 }, () => createKernel(cluster, caller('POST', {}))))
  t.same(
    members.map(({ server }) => server.kernels.size),
    [10, 10, 10],
  )
})

t.test('a new kernel’s owner is known from the answer', async (t) => {
  const fake = fakeCluster()
  const { id } = objectIn(await createKernel(fake.cluster, caller('POST', {})))
  t.equal((await fake.cluster.find('kernels', String(id))).kind, 'found')
  t.equal(countOf(fake, 'GET', '/api/kernels'), 0)
})

t.test('a kernel_id that exists belongs to its owner: no second process gets it', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a, b] = members
  const id = b?.server.hasKernel()
  const answer = await createKernel(cluster, caller('POST', { kernel_id: id }))
  t.equal(answer.status, 201)
  t.equal(objectIn(answer).id, id)
  t.equal(a?.server.kernels.size, 0)
  t.equal(b?.server.kernels.size, 1)
})

t.test('a kernel_id that nobody has is made on the least loaded backend', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a, b] = members
  a?.server.hasKernel()
  t.equal((await createKernel(cluster, caller('POST', { kernel_id: 'my-own-kernel-id-1' }))).status, 201)
  t.ok(b?.server.kernels.has('my-own-kernel-id-1'))
})

t.test('a kernel_id that may live in a backend that does not answer is made nowhere', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a, b] = members
  if (b) b.trouble = 'silent'
  const asking = createKernel(cluster, caller('POST', { kernel_id: 'my-own-kernel-id-1' }))
  await t.rejects(asking, { code: 'owner-unreachable' })
  t.equal(a?.server.kernels.size, 0)
})

t.test('a POST that may have been heard is not said to another backend', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a, b] = members
  if (a) a.trouble = 'silent'
  await t.rejects(createKernel(cluster, caller('POST', {})), { code: 'backend-slow' })
  t.equal(b?.server.asked.length, 0)
})

t.test('a refusal is passed on and teaches nothing', async (t) => {
  const { cluster, members } = fakeCluster()
  t.equal((await createKernel(cluster, stranger('POST', {}))).status, 403)
  t.same(
    members.map(({ backend }) => backend.carries),
    [0, 0],
  )
})

t.test('a kernel that ends is no load any more, and was never twice', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a] = members
  const id = String(objectIn(await createKernel(cluster, caller('POST', {}))).id)
  t.equal(a?.backend.carries, 1)
  cluster.survey.hasNot(a?.backend as never, 'kernels', id)
  cluster.survey.hasNot(a?.backend as never, 'kernels', id)
  t.equal(a?.backend.carries, 0)
})
