import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Campaign, fuzz, type Outcome } from './campaign.ts'
import type { Corpus } from './cases.ts'
import { Chance } from './chance.ts'
import { findDifference } from './two-readers.ts'

// npm run fuzz: changes bytes of valid exchanges at random and looks whether the gateway and a strict reader behind it
// ever read two things in them. Prints each failure as a test for test/regress/.

const usage = `npm run fuzz -- [--seed N] [--seconds N | --cases N] [--corpus DIR] [--readers]

  --seed N       begin with this seed (a random one)
  --seconds N    for so long (60)
  --cases N      so many, instead
  --readers      let our reader of requests and Node's read the same bytes, and look whether they ever differ
  --corpus DIR   files to begin with beside our own: requests, and answers, which begin with HTTP/
`

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    cases: { type: 'string' },
    corpus: { type: 'string' },
    readers: { type: 'boolean' },
    help: { type: 'boolean' },
  },
})
if (values.help) {
  process.stdout.write(usage)
  process.exit()
}
const number = (name: 'seed' | 'seconds' | 'cases'): number | undefined => {
  const value = values[name]
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value)
  process.stderr.write(`--${name} must be a whole number, got "${value}"\n`)
  process.exit(2)
}

function corpusIn(folder: string | undefined): Corpus {
  const files =
    folder === undefined ? [] : readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
  const isAnswer = (text: string) => text.startsWith('HTTP/')
  return { requests: files.filter((text) => !isAnswer(text)), answers: files.filter(isAnswer) }
}

/** One gateway hears so many cases, then its sockets are counted and another one takes its place. */
const casesOfOne = 5_000

const judge = values.readers ? compareReaders : fuzz

/** As `fuzz`, for the two readers. */
async function compareReaders({ seed, goesOn, onFailure }: Campaign): Promise<Outcome> {
  const { cases, found } = await findDifference(new Chance(seed), goesOn)
  if (found) onFailure(`// ${found.problems.join('\n// ')}\n${JSON.stringify(found.bytes)}`)
  return { cases, failures: found ? 1 : 0 }
}

const first = number('seed') ?? Math.floor(Math.random() * 1e9)
const most = number('cases') ?? Number.POSITIVE_INFINITY
const deadline =
  values.cases === undefined ? Date.now() + (number('seconds') as number) * 1_000 : Number.POSITIVE_INFINITY
const corpus = corpusIn(values.corpus)
const begun = Date.now()
let cases = 0
let failures = 0
for (let seed = first; cases < most && Date.now() < deadline; seed++) {
  const goesOn = (done: number) => done < casesOfOne && cases + done < most && Date.now() < deadline
  const outcome = await judge({ seed, corpus, goesOn, onFailure: (test) => console.log(`${test}\n`) })
  cases += outcome.cases
  failures += outcome.failures
  console.log(`seed ${seed}: ${outcome.cases} cases, ${outcome.failures} failures`)
}
console.log(`${cases} cases in ${Math.round((Date.now() - begun) / 1_000)} s, ${failures} failures`)
process.exitCode = failures > 0 ? 1 : 0
