import type { Clock } from '../../gateway/front/sweep.ts'

/** Time that passes when the test says so. */
export class FakeClock implements Clock {
  #now = 0
  readonly #tasks = new Set<() => void>()

  now(): number {
    return this.#now
  }

  repeat(task: () => void): () => void {
    this.#tasks.add(task)
    return () => this.#tasks.delete(task)
  }

  /** In steps, as a clock ticks. */
  pass(milliseconds: number): void {
    const step = 250
    for (let left = milliseconds; left > 0; left -= step) {
      this.#now += Math.min(step, left)
      for (const task of this.#tasks) task()
    }
  }
}
