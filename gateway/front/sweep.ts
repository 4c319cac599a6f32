/** What front and tests measure time with. */
export interface Clock {
  /** Milliseconds; never goes back. */
  now(): number
  /** Runs a task again and again; returns how to stop that. */
  repeat(task: () => void, period: number): () => void
}

export const realClock: Clock = {
  now: () => performance.now(),
  repeat: (task, period) => {
    const timer = setInterval(task, period).unref()
    return () => clearInterval(timer)
  },
}

export interface Swept {
  /** When `overdue` is to be called, in the clock's milliseconds. */
  readonly deadline: number
  overdue(): void
}

/** Time-outs here are of seconds: nobody minds half of one. Milliseconds. */
const period = 500

/**
 * One timer for all connections, which looks who is overdue. A timer for each request would be set and cleared again
 * thousands of times a second, to fire hardly ever.
 */
export class Sweep {
  readonly #clock: Clock
  readonly #members = new Set<Swept>()
  readonly #stop: () => void
  #now: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#now = clock.now()
    this.#stop = clock.repeat(() => this.#look(), period)
  }

  add(member: Swept): void {
    this.#members.add(member)
  }

  delete(member: Swept): void {
    this.#members.delete(member)
  }

  /** The time in so many milliseconds: never too early, and late by a second at most. Costs no look at the clock. */
  in(milliseconds: number): number {
    return this.#now + period + milliseconds
  }

  stop(): void {
    this.#stop()
  }

  #look(): void {
    this.#now = this.#clock.now()
    for (const member of this.#members) if (member.deadline <= this.#now) member.overdue()
  }
}
