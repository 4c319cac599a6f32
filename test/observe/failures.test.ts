import t from 'tap'
import { mergeFailures, mostFailures, RecentFailures } from '../../gateway/observe/failures.ts'
import { someFailure } from '../fakes/fake-operations.ts'

t.test('the last failures are kept, and no more of them', async (t) => {
  const failures = new RecentFailures()
  for (let at = 0; at < mostFailures + 7; at++) failures.add({ ...someFailure, at, route: `route ${at}` })
  t.equal(failures.all().length, mostFailures)
  t.equal(failures.all()[0]?.at, 7)
  t.equal(failures.all().at(-1)?.at, mostFailures + 6)
})

t.test('the same failure again and again takes one place, so that it does not hide the others', async (t) => {
  const failures = new RecentFailures()
  failures.add({ ...someFailure, failure: 'no-backend' })
  for (let at = 1; at <= 100; at++) failures.add({ ...someFailure, at, failure: 'bad-request' })
  t.match(failures.all(), [
    { failure: 'no-backend', times: 1 },
    { failure: 'bad-request', times: 100, at: 100 },
  ])
})

t.test('of several workers the newest are kept', async (t) => {
  const list = (from: number) =>
    Array.from({ length: mostFailures }, (_, i) => ({
      ...someFailure,
      at: from + i * 2,
      route: `route ${from + i * 2}`,
      times: 1,
    }))
  const merged = mergeFailures([list(0), list(1)])
  t.equal(merged.length, mostFailures)
  t.equal(merged.at(-1)?.at, mostFailures * 2 - 1)
})
