import t from 'tap'
import { HeldBodies } from '../../gateway/limits/held-bodies.ts'

const largest = 1024 * 1024
const nearly = largest - 1

/** How many of so many bodies, each nearly of the largest size, may be kept. */
const kept = (bodies: HeldBodies, addresses: readonly string[]) =>
  addresses.map((address) => bodies.begin(address).take(nearly, largest)).filter(Boolean).length

t.test('one client holds so much, and another one is not the poorer for it', async (t) => {
  const bodies = new HeldBodies()
  t.equal(kept(bodies, Array(1000).fill('192.0.2.1')), 16)
  t.equal(kept(bodies, ['192.0.2.2']), 1)
  t.equal(
    kept(
      bodies,
      Array.from({ length: 100 }, (_, i) => `2001:db8::${i + 1}`),
    ),
    16,
    'a /64 is one',
  )
})

t.test('all clients together hold so much', async (t) => {
  t.equal(
    kept(
      new HeldBodies(),
      Array.from({ length: 1000 }, (_, i) => `10.0.${i % 200}.1`),
    ),
    128,
  )
})

t.test('a small one is kept even then', async (t) => {
  const bodies = new HeldBodies()
  kept(bodies, Array(1000).fill('192.0.2.1'))
  const session = bodies.begin('192.0.2.1')
  t.ok(session.take(300, largest))
  t.ok(session.take(16_000, largest))
  t.notOk(session.take(1_000, largest))
})

t.test('what nobody needs any more is given back, once', async (t) => {
  const bodies = new HeldBodies()
  const all = Array.from({ length: 16 }, () => bodies.begin('192.0.2.1'))
  for (const body of all) t.ok(body.take(nearly, largest))
  t.equal(kept(bodies, ['192.0.2.1']), 0)
  all[0]?.release()
  all[0]?.release()
  t.equal(kept(bodies, ['192.0.2.1', '192.0.2.1']), 1)
})
