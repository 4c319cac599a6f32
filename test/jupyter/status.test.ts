import t from 'tap'
import { mergedStatus, reduceStatus } from '../../gateway/jupyter/status.ts'
import { caller, fakeCluster, nextTurn, objectIn, stranger } from '../fakes/fake-cluster.ts'

t.test('started when the first was, active when the last was, with the kernels and connections of all', async (t) => {
  const reduced = reduceStatus([
    {
      started: '2026-01-02T00:00:00Z',
      last_activity: '2026-01-03T00:00:00Z',
      kernels: 2,
      connections: 5,
      extra: 'kept',
    },
    { started: '2026-01-01T00:00:00Z', last_activity: '2026-01-04T00:00:00Z', kernels: 1, connections: 0 },
  ])
  t.strictSame(reduced, {
    started: '2026-01-01T00:00:00Z',
    last_activity: '2026-01-04T00:00:00Z',
    kernels: 3,
    connections: 5,
    extra: 'kept',
  })
})

t.test('all servers are in it, and one that cannot be asked is left out', async (t) => {
  const { cluster, members } = fakeCluster({ names: 'abc' })
  for (const { server } of members) server.hasKernel()
  t.equal(objectIn(await mergedStatus(cluster, caller('GET'))).kernels, 3)
  const [, , last] = members
  if (last) last.trouble = 'refused'
  t.equal(objectIn(await mergedStatus(cluster, caller('GET'))).kernels, 2)
})

t.test('who may not know hears it from one server, and no other is asked', async (t) => {
  const { cluster, members } = fakeCluster({ names: 'abc' })
  const answer = await mergedStatus(cluster, stranger('GET'))
  t.equal(answer.status, 403)
  t.equal(members.flatMap(({ server }) => server.askedFor('GET', '/api/status')).length, 1)
})

t.test('one that has begun to hang is waited for no longer than a page would wait', async (t) => {
  const { cluster, members, losePatience } = fakeCluster()
  for (const { server } of members) server.hasKernel()
  await cluster.wholeView('kernels', 'now')
  const [first, second] = members
  for (const hanging of [first, second]) {
    if (hanging) hanging.trouble = 'hanging'
    let merged: Awaited<ReturnType<typeof mergedStatus>> | undefined
    void mergedStatus(cluster, caller('GET')).then((answer) => (merged = answer))
    for (let turn = 0; turn < 20 && !merged; turn++) {
      losePatience()
      await nextTurn()
    }
    t.equal(merged && objectIn(merged).kernels, 2)
    if (hanging) hanging.trouble = 'none'
  }
})
