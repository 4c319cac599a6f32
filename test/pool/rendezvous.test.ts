import t from 'tap'
import { rendezvousOrder } from '../../gateway/pool/rendezvous.ts'

const candidates = ['10.0.0.1:8888', '10.0.0.2:8888', '10.0.0.3:8888', '10.0.0.4:8888'].map((key) => ({ key }))
const paths = Array.from({ length: 8_000 }, (_, i) => `folder ${i % 7}/notebook ${i}.ipynb`)

function favourite(among: readonly { readonly key: string }[], path: string): string | undefined {
  return rendezvousOrder(among, path)[0]?.key
}

t.test('gateways that know the candidates in different orders agree', async (t) => {
  const reversed = candidates.toReversed()
  const shifted = [...candidates.slice(2), ...candidates.slice(0, 2)]
  for (const path of paths.slice(0, 500)) {
    const order = rendezvousOrder(candidates, path)
    if (favourite(reversed, path) !== order[0]?.key) t.fail(path)
    t.same(rendezvousOrder(shifted, path), order)
  }
})

t.test('only the keys of a backend that leaves move, and to where they stood second', async (t) => {
  const [gone, ...rest] = candidates
  let moved = 0
  for (const path of paths) {
    const [first, second] = rendezvousOrder(candidates, path)
    const now = favourite(rest, path)
    if (first?.key === gone?.key) {
      moved++
      if (now !== second?.key) t.fail(`${path} went to ${now}, not to its second`)
    } else if (now !== first?.key) t.fail(`${path} moved though its backend stayed`)
  }
  t.ok(moved > 0)
})

t.test('keys are spread evenly', async (t) => {
  const counts = new Map<string | undefined, number>()
  for (const path of paths) {
    const key = favourite(candidates, path)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  // The standard deviation of each is 39.
  for (const { key } of candidates) t.ok(Math.abs((counts.get(key) ?? 0) - 2_000) < 160, `${key} ${counts.get(key)}`)
})

t.test('all candidates are in the order, once', async (t) => {
  t.same(new Set(rendezvousOrder(candidates, 'x')), new Set(candidates))
  t.equal(rendezvousOrder(candidates, 'x').length, 4)
  t.same(rendezvousOrder([], 'x'), [])
})
