import t from 'tap'
import { TokenBuckets } from '../../gateway/limits/token-bucket.ts'

t.test('a client has its burst, then so many in a second, and never more than its burst', async (t) => {
  const clock = { now: 0 }
  const buckets = new TokenBuckets({ burst: 3, perSecond: 2, now: () => clock.now })
  const taken = (count: number) => Array.from({ length: count }, () => buckets.take('192.0.2.1')).filter(Boolean).length
  t.equal(taken(5), 3)
  clock.now += 500
  t.equal(taken(5), 1)
  clock.now += 499
  t.equal(taken(5), 0)
  clock.now += 60_000
  t.equal(taken(5), 3)
})

t.test('clients have buckets of their own, a /64 of IPv6 one together', async (t) => {
  const buckets = new TokenBuckets({ burst: 1, perSecond: 1, now: () => 0 })
  t.ok(buckets.take('192.0.2.1'))
  t.ok(buckets.take('192.0.2.2'))
  t.ok(buckets.take('2001:db8::1'))
  t.notOk(buckets.take('2001:db8::2'))
  t.notOk(buckets.take('192.0.2.1'))
})
