import type { Backend } from '../pool/backend.ts'

/** An attempt that waits for a backend's first word. */
export interface Waiter {
  readonly backend: Backend
  /** Where it stands among those who wait; undefined: not among them. For them alone to change. */
  place: number | undefined
  /** The backend does not answer its probes any more. */
  backendFell(): void
  /** It does not answer them in time. */
  backendSlowed(): void
}

/**
 * Who waits for which backend. A backend that hangs takes connections and answers nothing; its probes find that out in
 * seconds, and nobody need wait for the end of his own, longer time-out.
 *
 * Not a Set: every few exchanges it makes itself a new table, and the one that it leaves behind holds all who waited then
 * and the next one. Where such a table has grown old, V8's young collector takes all of them for alive.
 */
export class Waiting {
  readonly #all: Waiter[] = []

  add(waiter: Waiter): void {
    waiter.place = this.#all.push(waiter) - 1
  }

  /** The last one takes its place. */
  remove(waiter: Waiter): void {
    const { place } = waiter
    if (place === undefined) return
    const last = this.#all.pop() as Waiter
    if (last !== waiter) {
      this.#all[place] = last
      last.place = place
    }
    waiter.place = undefined
  }

  backendFell(backend: Backend): void {
    for (const waiter of this.#of(backend)) waiter.backendFell()
  }

  backendSlowed(backend: Backend): void {
    for (const waiter of this.#of(backend)) waiter.backendSlowed()
  }

  /** As they are now: those who hear of it leave. */
  #of(backend: Backend): Waiter[] {
    return this.#all.filter((waiter) => waiter.backend === backend)
  }
}
