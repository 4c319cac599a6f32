import { setTimeout as sleep } from 'node:timers/promises'
import { type Ms, seconds } from '../../gateway/config/units.ts'
import type { Progress } from './progress.ts'

export interface Running {
  /** Resolves, never rejects, with how it ended. */
  readonly exited: Promise<string>
  stop(): Promise<void>
}

export interface Supervision {
  /** As a sentence begins with it: "Jupyter server 1". */
  readonly name: string
  /** Where to read why it ended. */
  readonly log: string
  readonly first: Running
  readonly again: () => Promise<Running>
  readonly progress: Progress
  readonly pauses?: Pauses
}

/** Doubled each time it ends soon after its start; one that has run for long begins again with the shortest pause. */
export interface Pauses {
  readonly shortest: Ms
  readonly longest: Ms
  readonly steadyAfter: Ms
}

const PAUSES: Pauses = { shortest: seconds(1), longest: seconds(30), steadyAfter: seconds(60) }

/** Starts a program again whenever it ends by itself. Its `stop` ends the program and the watch over it. */
export class Supervisor {
  readonly #supervision: Supervision
  readonly #stopping = new AbortController()
  readonly #watching: Promise<void>
  #current: Running

  constructor(supervision: Supervision) {
    this.#supervision = supervision
    this.#current = supervision.first
    this.#watching = this.#watch()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#current.stop()
    await this.#watching
  }

  async #watch(): Promise<void> {
    const { name, log, progress, pauses = PAUSES } = this.#supervision
    let pause: number = pauses.shortest
    for (;;) {
      const since = Date.now()
      const how = await this.#current.exited
      if (this.#stopping.signal.aborted) return
      if (Date.now() - since >= pauses.steadyAfter) pause = pauses.shortest
      progress.say(`${name} ended (${how}) and is started again in ${pause / 1000} s. Its log: ${log}`)
      await this.#current.stop() // what it has left behind: kernels that nobody can reach any more
      await sleep(pause, undefined, { signal: this.#stopping.signal }).catch(() => {})
      if (this.#stopping.signal.aborted) return
      this.#current = await this.#supervision.again().catch(failed)
      if (this.#stopping.signal.aborted) return this.#current.stop() // told while it started
      pause = Math.min(pause * 2, pauses.longest)
    }
  }
}

/** A start that failed is a program that ended at once: it is tried again after a longer pause. */
const failed = (error: Error): Running => ({
  exited: Promise.resolve(error.message),
  stop: () => Promise.resolve(),
})
