import t from 'tap'
import { Backend } from '../../gateway/pool/backend.ts'
import { type Choice, chooseLeastLoaded, load } from '../../gateway/pool/choose.ts'
import { seededRandom } from '../fakes/seeded-random.ts'

const slowStart = 10_000

function backends(count: number): Backend[] {
  return Array.from({ length: count }, (_, i) => {
    const backend = new Backend({ host: '10.0.0.1', port: 8001 + i }, 0)
    backend.judge('pass', 0, { cold: false })
    return backend
  })
}

/** How often each was chosen in so many draws that change nothing. */
function draw(candidates: readonly Backend[], draws: number, changes: Partial<Choice> = {}): number[] {
  const choice = { now: 1_000_000, slowStart, random: seededRandom(1), ...changes }
  const counts = new Map<Backend | undefined, number>()
  for (let i = 0; i < draws; i++) {
    const chosen = chooseLeastLoaded(candidates, choice)
    counts.set(chosen, (counts.get(chosen) ?? 0) + 1)
  }
  return candidates.map((candidate) => counts.get(candidate) ?? 0)
}

/** What a burst of so many long exchanges makes of them, each counted before the next is placed. */
function place(candidates: readonly Backend[], exchanges: number, choice: Choice): number[] {
  for (let i = 0; i < exchanges; i++) {
    const chosen = chooseLeastLoaded(candidates, choice)
    if (chosen) chosen.inFlight++
  }
  return candidates.map(({ inFlight }) => inFlight)
}

t.test('90 000 draws over three equal backends give equal thirds and never the busy one', async (t) => {
  const four = backends(4)
  const [, , busy] = four
  if (busy) busy.inFlight = 1
  const counts = draw(four, 90_000)
  t.equal(counts[2], 0)
  // The standard deviation of each is 141.
  for (const i of [0, 1, 3]) t.ok(Math.abs((counts[i] as number) - 30_000) < 600, `${counts[i]}`)
})

t.test('the place in the list decides nothing: two that tie behind a busier one share evenly', async (t) => {
  const [first, second, third] = backends(3) as [Backend, Backend, Backend]
  first.inFlight = 5
  second.inFlight = 3
  third.inFlight = 3
  const counts = draw([first, second, third], 10_000)
  t.equal(counts[0], 0)
  t.ok(Math.abs((counts[1] as number) - 5_000) < 250, `${counts[1]}`)
  t.same(draw([second, first], 100), [100, 0], 'of 3 and 5 it is 3')
  t.same(draw([first, second], 100), [0, 100])
})

t.test('two gateways that are asked for the same notebooks at once choose alike, and spread them evenly', async (t) => {
  const [ours, theirs] = [backends(3), backends(3)]
  const open = (candidates: readonly Backend[], key: string, seed: number) => {
    const chosen = chooseLeastLoaded(candidates, { now: 1_000_000, slowStart, random: seededRandom(seed), key })
    if (chosen) chosen.inFlight++
    return chosen?.key
  }
  for (let i = 0; i < 30; i++) {
    t.equal(open(ours, `notebook-${i}.ipynb`, 1), open(theirs.toReversed(), `notebook-${i}.ipynb`, 2))
  }
  t.same(
    ours.map(({ inFlight }) => inFlight),
    [10, 10, 10],
  )
})

t.test('the least loaded is chosen, whatever a key prefers', async (t) => {
  const [a, b] = backends(2) as [Backend, Backend]
  a.inFlight = 1
  for (let i = 0; i < 20; i++)
    t.equal(chooseLeastLoaded([a, b], { now: 0, slowStart: 0, random: () => 0, key: `${i}` }), b)
})

t.test('kernels that run count as exchanges under way do', async (t) => {
  const [a, b] = backends(2) as [Backend, Backend]
  a.carries = 3
  b.inFlight = 2
  t.equal(load(a), 3)
  t.same(draw([a, b], 100), [0, 100])
  b.carries = 2
  t.same(draw([a, b], 100), [100, 0])
})

t.test('of none, none is chosen', async (t) => {
  t.equal(chooseLeastLoaded([], { now: 0, slowStart, random: Math.random }), undefined)
})

t.test(
  'a cold backend gets less than the others but not nothing, more with time, and its share in the end',
  async (t) => {
    const shares = [0, 3_000, 6_000, 10_000].map((age) => {
      const [warm, cold] = backends(2) as [Backend, Backend]
      cold.judge('fail', 1, { cold: false })
      cold.judge('pass', 500_000, { cold: true })
      const counts = place([warm, cold], 200, { now: 500_000 + age, slowStart, random: seededRandom(7) })
      return counts[1] as number
    })
    t.ok((shares[0] as number) > 0, `${shares}`)
    t.ok((shares[0] as number) < 40, `${shares}`)
    t.same(
      shares,
      [...shares].sort((a, b) => a - b),
    )
    t.equal(shares.at(-1), 100)
  },
)

t.test('two backends that became ready in the same second still tie', async (t) => {
  const [a, b] = backends(2) as [Backend, Backend]
  for (const [backend, at] of [
    [a, 500_000],
    [b, 500_300],
  ] as const) {
    backend.judge('fail', 1, { cold: false })
    backend.judge('pass', at, { cold: true })
  }
  const [first] = draw([a, b], 10_000, { now: 500_500 })
  t.ok(Math.abs((first as number) - 5_000) < 250, `${first}`)
})

t.test('without slow start a backend counts in full at once, in its first instant too', async (t) => {
  const [backend] = backends(1) as [Backend]
  backend.judge('fail', 1, { cold: false })
  backend.judge('pass', 500_000, { cold: true })
  t.equal(chooseLeastLoaded([backend], { now: 500_000, slowStart: 0, random: Math.random }), backend)
})
