import t from 'tap'
import { every } from '../../gateway/control/every.ts'
import { seededRandom } from '../fakes/seeded-random.ts'

/** A loop that sleeps no longer than it must and ends after so many pauses. */
async function run(
  pauses: number,
  changes: { task?: () => Promise<void>; random?: () => number; period?: () => number } = {},
) {
  const controller = new AbortController()
  const slept: number[] = []
  const errors: unknown[] = []
  let runs = 0
  await every({
    period: () => 1_000,
    random: () => 0.5,
    ...changes,
    task: async () => {
      runs++
      await changes.task?.()
    },
    onError: (error) => void errors.push(error),
    signal: controller.signal,
    sleep: async (milliseconds) => {
      slept.push(milliseconds)
      if (slept.length === pauses) controller.abort()
    },
  })
  return { runs, slept, errors }
}

t.test('the first is done at once, then one after each pause', async (t) => {
  const { runs, slept } = await run(3)
  t.equal(runs, 3)
  t.same(slept, [1_000, 1_000, 1_000])
})

t.test('an error is told, each time, and the loop goes on', async (t) => {
  const { runs, errors } = await run(4, { task: () => Promise.reject(new Error('no')) })
  t.equal(runs, 4)
  t.equal(errors.length, 4)
})

t.test('pauses lie between 80 and 120 percent of the period, and use all of that', async (t) => {
  const { slept } = await run(5_000, { random: seededRandom(5) })
  t.ok(slept.every((pause) => pause >= 800 && pause <= 1_200))
  t.ok(Math.min(...slept) < 805)
  t.ok(Math.max(...slept) > 1_195)
})

t.test('the period is asked for anew each time', async (t) => {
  let period = 100
  const { slept } = await run(3, { period: () => (period += 100) })
  t.same(slept, [200, 300, 400])
})

t.test('after an abort nothing more is done', async (t) => {
  let runs = 0
  const task = async () => void runs++
  const onError = () => t.fail('no error')
  await every({ period: () => 1, task, onError, signal: AbortSignal.abort(), random: () => 0 })
  t.equal(runs, 0)
})

t.test('an abort ends the pause that is under way', async (t) => {
  const controller = new AbortController()
  const hour = 3_600_000
  const task = async () => void setImmediate(() => controller.abort())
  const onError = () => t.fail('no error')
  const started = performance.now()
  await every({ period: () => hour, task, onError, signal: controller.signal, random: () => 0.5 })
  t.ok(performance.now() - started < 10_000)
})
