import t from 'tap'
import { Restarts } from '../../gateway/workers/restarts.ts'

t.test('a worker that dies young is replaced later each time, up to a bound', async (t) => {
  const restarts = new Restarts()
  const pauses = Array.from({ length: 8 }, () => restarts.pauseAfter(50))
  t.strictSame(pauses, [100, 200, 400, 800, 1600, 3200, 5000, 5000])
})

t.test('one that had long been well is replaced at once, and those before it are forgotten', async (t) => {
  const restarts = new Restarts()
  for (let count = 0; count < 5; count++) restarts.pauseAfter(50)
  t.equal(restarts.pauseAfter(60_000), 100)
  t.equal(restarts.pauseAfter(50), 100)
})
