/** How long a worker may say nothing before it counts as hung, and is killed. Milliseconds. */
const patience = 30_000

export interface HeartbeatOptions {
  readonly now: () => number
  readonly ask: (worker: number) => void
  /** It is replaced like any other that has died. */
  readonly kill: (worker: number) => void
}

/** Finds workers that hang: one may hold a lock, and its clients' connections lead nowhere. */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  readonly #heard = new Map<number, number>()
  #last: number

  constructor(options: HeartbeatOptions) {
    this.#options = options
    this.#last = options.now()
  }

  /** A sign of life. */
  heard(worker: number): void {
    this.#heard.set(worker, this.#options.now())
  }

  forget(worker: number): void {
    this.#heard.delete(worker)
  }

  /** Called every few seconds. */
  beat(): void {
    const { now, ask, kill } = this.#options
    const pause = now() - this.#last
    this.#last = now()
    for (const [worker, at] of this.#heard) {
      // Where this process stood still itself, as on a suspended machine, nobody is to blame.
      const silent = now() - at - Math.max(0, pause - patience / 2)
      if (silent > patience) kill(worker)
      else ask(worker)
    }
  }
}
