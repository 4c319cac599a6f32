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
    const step = this.#step
    if (step === undefined) return new Trouble(`The image could not be built: ${error}`)
    const said = step.said.map((line) => `    ${line}`).join('\n')
    return new Trouble(
      `The image could not be built, and nothing was tagged. Step ${step.number} failed: ${step.instruction}\n${said}\n${error}`,
    )
  }
}

const LONGEST = 70
const shortened = (text: string): string => {
  const line = text.replace(/\s+/g, ' ')
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`
}
