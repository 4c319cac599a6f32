import { stripVTControlCharacters } from 'node:util'
import type { Progress } from '../local/progress.ts'
import { Trouble } from '../local/trouble.ts'

/** One line of the JSON that an engine sends while it builds (`POST /build`). */
export interface BuildEvent {
  readonly stream?: string
  readonly error?: string
  readonly aux?: { readonly ID?: string }
}

interface Step {
  readonly number: string
  readonly instruction: string
  readonly began: number
  readonly said: string[]
  isCached: boolean
}

const KEPT = 25
const STEP = /^Step (\d+\/\d+) : (.*)$/

/**
 * Tells a person what an engine does: each step, once it is done, with its time. An engine says that a build failed only
 * in what it sends, as its answer began with 200.
 */
export class Steps {
  readonly #progress: Progress
  readonly #now: () => number
  #step: Step | undefined
  #partial = ''

  constructor(progress: Progress, now: () => number) {
    this.#progress = progress
    this.#now = now
  }

  /** Throws Trouble with the failing step's last lines. */
  hear({ stream, error }: BuildEvent): void {
    if (error !== undefined) throw this.#failure(error)
    this.#partial += stream ?? ''
    const lines = this.#partial.split('\n')
    this.#partial = lines.pop() ?? ''
    for (const line of lines) this.#line(stripVTControlCharacters(line).trimEnd())
  }

  /** The last step has ended well. */
  done(): void {
    const step = this.#step
    this.#step = undefined
    if (step === undefined) return
    const time = step.isCached ? 'as before' : `${((this.#now() - step.began) / 1000).toFixed(1)} s`
    this.#progress.say(`  ${step.number.padStart(5)}  ${shortened(step.instruction)}  ${time}`)
  }

  #line(line: string): void {
    const [, number, instruction] = STEP.exec(line) ?? []
    if (number !== undefined && instruction !== undefined) {
      this.done()
      this.#step = { number, instruction, began: this.#now(), said: [], isCached: false }
      this.#progress.doing(`${number} ${shortened(instruction)}`)
      return
    }
    const step = this.#step
    if (step === undefined || line === '') return
    if (line === ' ---> Using cache') step.isCached = true
    if (line.startsWith(' ---> ')) return
    step.said.push(line)
    if (step.said.length > KEPT) step.said.shift()
    this.#progress.doing(`${step.number} ${line}`)
  }

  #failure(error: string): Trouble {
    const { number, instruction, said = [] } = this.#step ?? {}
    const advice = adviceFor([...said, error].join('\n'))
    const where = number === undefined ? '' : ` Step ${number} failed: ${instruction}`
    const lines = [...said.map((line) => `    ${line}`), error, ...(advice === undefined ? [] : [advice])]
    return new Trouble(`The image could not be built, and nothing was tagged.${where}\n${lines.join('\n')}`)
  }
}

const LONGEST = 70
const shortened = (text: string): string => {
  const line = text.replace(/\s+/g, ' ')
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`
}

/** What engine, apt, pip, uv and npm say where something is out of reach, and what helps. The first that fits. */
const advices: readonly (readonly [RegExp, string])[] = [
  [
    /certificate[ _]verify[ _]failed|self[- _]signed[ _]cert|unable to get (local )?issuer|certificate is NOT trusted|invalid peer certificate/i,
    'A certificate on the way is signed by somebody unknown: where a network looks into TLS, --ca FILE names its authority.',
  ],
  [
    /pull access denied|failed to resolve reference|registry.*(no such host|timeout|refused|Client\.Timeout)|manifest .*not found/i,
    "The image to begin with is out of reach: --base names another one, and --base debootstrap makes one of Debian's packages.",
  ],
  [
    /Temporary failure (in name resolution|resolving)|Could not (resolve|connect)|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|Failed to (fetch|establish)|No matching distribution/i,
    'A source of packages is out of reach: Debian, PyPI and npm must answer this machine. What was built so far is kept: try again.',
  ],
]

const adviceFor = (said: string): string | undefined => advices.find(([words]) => words.test(said))?.[1]
