import t from 'tap'
import { fuzz } from '../fuzz/campaign.ts'
import { noCorpus } from '../fuzz/cases.ts'

const chosen = Math.floor(Math.random() * 1e9)

for (const [seed, count] of [
  [1, 400],
  [2, 400],
  [chosen, 400],
] as const) {
  t.test(`${count} changed exchanges (seed ${seed}) are never read in two ways, and leave nothing open`, async (t) => {
    const tests: string[] = []
    const goesOn = (cases: number) => cases < count
    const { cases } = await fuzz({ seed, corpus: noCorpus, goesOn, onFailure: (test) => void tests.push(test) })
    t.equal(cases, count)
    t.same(tests, [])
  })
}
