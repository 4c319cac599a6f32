import t from 'tap'
import { counter, type MetricsJson, sample } from '../../gateway/observe/metrics.ts'
import { fleetOperations } from '../../gateway/workers/fleet-operations.ts'
import { fakeOverview } from '../fakes/fake-operations.ts'

function setUp() {
  const workers = {
    counts: [3, 4],
    serving: 2,
    restarts: 0,
    isEnding: false,
    certificate: () => undefined,
    operate: async ({ key }: { key: string }) => key === 'a:1',
    ask: async (topic: string) =>
      topic === 'overview'
        ? workers.counts.map((exchanges) => fakeOverview({ exchanges, restarts: 0 }))
        : workers.counts.map((count): MetricsJson => [counter('c_total', 'c', [sample(count)])]),
  }
  const operations = fleetOperations(workers)
  const total = async () => (await operations.metrics())[0]?.values[0]?.value
  return { workers, operations, total }
}

t.test('operators see all workers as one', async (t) => {
  const { operations, total, workers } = setUp()
  Object.assign(workers, { restarts: 5, isEnding: true })
  t.match(await operations.overview(), { workers: 2, exchanges: 7, restarts: 5, ending: true })
  t.equal(await total(), 7)
})

t.test('what a worker had counted is still there when it has died', async (t) => {
  const { operations, total, workers } = setUp()
  t.equal(await total(), 7)
  t.match(await operations.overview(), { exchanges: 7 })
  Object.assign(workers, { counts: [4, 0] })
  t.equal(await total(), 7)
  Object.assign(workers, { counts: [4, 2] })
  t.equal(await total(), 9)
  t.match(await operations.overview(), { exchanges: 7 })
})

t.test('counts that lack a worker’s part are not told at all', async (t) => {
  const { operations, workers } = setUp()
  workers.serving = 3
  await t.rejects(operations.metrics(), { message: 'A worker did not say in time what it counts.' })
})
