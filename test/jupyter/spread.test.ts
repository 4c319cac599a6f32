import t from 'tap'
import { createSession } from '../../gateway/jupyter/sessions.ts'
import { caller, type FakeCluster, fakeCluster, nextTurn } from '../fakes/fake-cluster.ts'

const OPENED = 50

const notebook = (path: string) => caller('POST', { path, name: path, type: 'notebook', kernel: { name: 'python3' } })

/** Asks for the kernels again and again, as a gateway does on its own. */
async function survey({ cluster }: FakeCluster, until: AbortSignal): Promise<void> {
  while (!until.aborted) await cluster.everywhere('kernels', 'now')
}

/** In turns of the fake network: how seldom a client comes, how long a kernel starts, how long each server's list takes. */
interface Times {
  readonly between: number
  readonly start: number
  readonly lists: readonly number[]
}

/** How many kernels each server has when all notebooks are open, each through the next gateway. */
async function openedThrough(gateways: readonly FakeCluster[], { between, start, lists }: Times): Promise<number[]> {
  const done = new AbortController()
  for (const { members } of gateways) {
    for (const [i, member] of members.entries()) Object.assign(member, { startTurns: start, listTurns: lists[i] })
  }
  const surveys = gateways.map((gateway) => survey(gateway, done.signal))
  const opening: Promise<unknown>[] = []
  for (let i = 0; i < OPENED; i++) {
    const { cluster } = gateways[i % gateways.length] as FakeCluster
    opening.push(createSession(cluster, notebook(`${i}.ipynb`)))
    for (let turn = 0; turn < between; turn++) await nextTurn()
  }
  await Promise.all(opening)
  done.abort()
  await Promise.all(surveys)
  return gateways[0]?.members.map(({ server }) => server.kernels.size) ?? []
}

for (const [what, times] of [
  ['all at once', { between: 1, start: 60, lists: [4, 30] }],
  ['faster than kernels start', { between: 3, start: 60, lists: [1, 100] }],
  ['while kernels start and are listed', { between: 3, start: 20, lists: [4, 30] }],
  ['one after the other', { between: 10, start: 60, lists: [4, 30] }],
] as const) {
  t.test(`notebooks that are opened through two gateways ${what} are spread within two`, async (t) => {
    const gateway = fakeCluster()
    const [a = 0, b = 0] = await openedThrough([gateway, gateway.another()], times)
    t.equal(a + b, OPENED)
    t.ok(Math.abs(a - b) <= 2, `${a} and ${b}`)
  })
}
