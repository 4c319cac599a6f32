import { type Case, type Corpus, judgeCase, makeCase } from './cases.ts'
import { Chance } from './chance.ts'
import { asTest, shrink } from './shrink.ts'
import { Stand } from './stand.ts'

export interface Campaign {
  readonly seed: number
  readonly corpus: Corpus
  /** Whether to go on, asked before each case. */
  readonly goesOn: (cases: number) => boolean
  /** Told of each failure, as a test. */
  readonly onFailure: (test: string) => void
}

export interface Outcome {
  readonly cases: number
  readonly failures: number
}

/** Cases of one seed against one gateway, one after the other. */
export async function fuzz({ seed, corpus, goesOn, onFailure }: Campaign): Promise<Outcome> {
  const chance = new Chance(seed)
  let stand = await Stand.open()
  let cases = 0
  let failures = 0
  const fail = (test: string) => {
    failures++
    onFailure(test)
  }
  const onCrash = (error: unknown) => void stand.problems.push(`crash: ${error instanceof Error ? error.stack : error}`)
  process.on('uncaughtException', onCrash)
  process.on('unhandledRejection', onCrash)
  try {
    for (; goesOn(cases); cases++) {
      const made = makeCase(chance, stand, corpus)
      const problems = await judgeCase(stand, made)
      if (problems.length === 0) continue
      fail(await told(made, problems))
      // What comes late must not be taken for the next one's.
      await stand.close()
      stand = await Stand.open()
    }
  } finally {
    const left = await stand.close()
    if (left.length > 0) fail(`// seed ${seed}: ${left.join('; ')}`)
    process.off('uncaughtException', onCrash)
    process.off('unhandledRejection', onCrash)
  }
  return { cases, failures }

  async function told(made: Case, problems: string[]): Promise<string> {
    const header = `// seed ${seed}, case ${cases}\n`
    if (problems.some((problem) => problem.includes('hang'))) return header + asTest(made, problems, stand.kernel)
    const kind = problems[0]?.slice(0, 12) ?? ''
    const fails = async (smaller: Case) => (await judgeCase(stand, smaller)).some((problem) => problem.startsWith(kind))
    const smallest = await shrink(made, fails)
    const left = await judgeCase(stand, smallest)
    // What fails only now and then is told as it was.
    return header + (left.length > 0 ? asTest(smallest, left, stand.kernel) : asTest(made, problems, stand.kernel))
  }
}
