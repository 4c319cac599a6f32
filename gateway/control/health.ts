import type { Backend } from '../pool/backend.ts'
import type { Pool } from '../pool/pool.ts'

export interface HealthOptions {
  readonly pool: Pool
  /** Passes in a row that bring a failing backend back. A joining one needs a single pass. */
  readonly rise: number
  /** Failures in a row that make a backend failing. */
  readonly fall: number
  readonly now: () => number
}

interface Tally {
  passes: number
  fails: number
  lastPassive: number
}

/** At most one failure of real traffic counts in this time: a killed server resets a hundred exchanges at once. */
const passiveWindow = 250

/** Turns single observations into verdicts by counting in a row. */
export class Health {
  readonly #options: HealthOptions
  readonly #tallies = new WeakMap<Backend, Tally>()

  constructor(options: HealthOptions) {
    this.#options = options
  }

  passed(backend: Backend): void {
    const tally = this.#tally(backend)
    tally.fails = 0
    tally.passes++
    const enough = backend.health === 'unseen' ? 1 : this.#options.rise
    if (tally.passes >= enough) this.#options.pool.judge(backend, 'pass', 'answers')
  }

  failed(backend: Backend, reason: string): void {
    const tally = this.#tally(backend)
    tally.passes = 0
    tally.fails++
    if (tally.fails >= this.#options.fall) this.#options.pool.judge(backend, 'fail', reason)
    else if (backend.health !== 'well') backend.finding = reason
  }

  /** A failure seen in real traffic. Returns whether it counted: then a probe should follow at once. */
  failedPassively(backend: Backend, reason: string): boolean {
    const tally = this.#tally(backend)
    const now = this.#options.now()
    if (now - tally.lastPassive < passiveWindow) return false
    tally.lastPassive = now
    this.failed(backend, reason)
    return true
  }

  #tally(backend: Backend): Tally {
    const known = this.#tallies.get(backend)
    if (known) return known
    const tally = { passes: 0, fails: 0, lastPassive: Number.NEGATIVE_INFINITY }
    this.#tallies.set(backend, tally)
    return tally
  }
}
