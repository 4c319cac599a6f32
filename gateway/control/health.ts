import type { Backend } from '../pool/backend.ts'
import type { Pool } from '../pool/pool.ts'

export interface HealthOptions {
  readonly pool: Pool
  /** Passes in a row that bring a failing backend back. A joining one needs a single pass. */
  readonly rise: number
  /** Failures in a row that make a backend failing. */
  readonly fall: number
  /** How long one that answered counts as busy when it answers no more in time: then it hangs. Milliseconds. */
  readonly busyFor: number
  readonly now: () => number
}

interface Tally {
  passes: number
  fails: number
  lastPassive: number
  lastPass: number
}

/** At most one failure of real traffic counts in this time: a killed server resets a hundred exchanges at once. */
const passiveWindow = 250

/** In which every gateway has asked discovery again (discover.ts), slow answers and random pauses included. */
const settleTime = 3_000

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
    tally.lastPass = this.#options.now()
    if (this.#isTooNew(backend)) {
      backend.finding = 'answers; other gateways may not have found it yet'
      return
    }
    const enough = backend.health === 'unseen' ? 1 : this.#options.rise
    if (tally.passes >= enough) this.#options.pool.judge(backend, 'pass', 'answers')
  }

  /** `late`: it can be reached and did not answer in time. */
  failed(backend: Backend, reason: string, { late = false } = {}): void {
    const tally = this.#tally(backend)
    tally.passes = 0
    tally.fails++
    const verdict = late && this.#options.now() - tally.lastPass < this.#options.busyFor ? 'late' : 'fail'
    if (tally.fails >= this.#options.fall) this.#options.pool.judge(backend, verdict, reason)
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

  /**
   * One that has just been found beside others that serve: what was started in it now would be missing in the lists of
   * a gateway, or of a worker, that asks discovery a second later. At a gateway's own start all are new to it alone.
   */
  #isTooNew({ health, knownSince }: Backend): boolean {
    const { pool, now } = this.#options
    if (health !== 'unseen' || now() - knownSince >= settleTime) return false
    return pool.ready().some((other) => knownSince - other.knownSince >= settleTime)
  }

  #tally(backend: Backend): Tally {
    const known = this.#tallies.get(backend)
    if (known) return known
    const tally = { passes: 0, fails: 0, lastPassive: Number.NEGATIVE_INFINITY, lastPass: Number.NEGATIVE_INFINITY }
    this.#tallies.set(backend, tally)
    return tally
  }
}
