import t from 'tap'
import type { Caller } from '../../gateway/jupyter/caller.ts'
import type { Cluster } from '../../gateway/jupyter/cluster.ts'
import { createKernel } from '../../gateway/jupyter/kernels.ts'
import { session } from '../../gateway/jupyter/session.ts'
import { createSession } from '../../gateway/jupyter/sessions.ts'
import { createTerminal } from '../../gateway/jupyter/terminals.ts'
import type { Answer } from '../../gateway/upstream/ask.ts'
import { caller, fakeCluster, nextTurn, objectIn } from '../fakes/fake-cluster.ts'

type Making = (cluster: Cluster, caller: Caller) => Promise<Answer>
const notebook = { path: 'a.ipynb', type: 'notebook', name: '', kernel: { name: 'python3' } }

/** The answer while the other workers have not heard what is new, and once they have. */
async function twoLooks(making: Making, asked: Caller, prepare?: (cluster: Cluster) => Promise<unknown>) {
  const { cluster, news } = fakeCluster()
  await prepare?.(cluster)
  const { promise, resolve } = Promise.withResolvers<void>()
  news.heard = promise
  let early: Answer | undefined
  const answering = making(cluster, asked).then((answer) => {
    early = answer
    return answer
  })
  for (let turn = 0; turn < 50; turn++) await nextTurn()
  const before = early
  resolve()
  return { before, after: await answering }
}

for (const { what, making, body, status } of [
  { what: 'a kernel', making: createKernel, body: { name: 'python3' }, status: 201 },
  { what: 'a session', making: createSession, body: notebook, status: 201 },
  { what: 'a terminal', making: createTerminal, body: {}, status: 200 },
]) {
  t.test(`${what} that was made is told of when all workers know of it`, async (t) => {
    const { before, after } = await twoLooks(making, caller('POST', body))
    t.equal(before, undefined)
    t.equal(after.status, status)
  })
}

t.test('so is a session’s new kernel', async (t) => {
  let id = ''
  const made = async (cluster: Cluster) => {
    id = String(objectIn(await createSession(cluster, caller('POST', notebook))).id)
  }
  const change: Making = (cluster, asked) => session(cluster, id, asked)
  const { before, after } = await twoLooks(change, caller('PATCH', { kernel: { name: 'python3' } }), made)
  t.equal(before, undefined)
  t.equal(after.status, 200)
})
