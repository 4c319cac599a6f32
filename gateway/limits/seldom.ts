/** Lets one of many like events through in each period, with how many there were since the last. */
export class Seldom {
  readonly #now: () => number
  readonly #period: number
  readonly #said = new Map<string, { at: number; unsaid: number }>()

  /** Milliseconds of a clock that never goes back. The keys are few, and known beforehand. */
  constructor(now: () => number, period: number) {
    this.#now = now
    this.#period = period
  }

  /** How many are to be told of, or undefined if it is too early. */
  count(key: string): number | undefined {
    const last = this.#said.get(key)
    const unsaid = (last?.unsaid ?? 0) + 1
    if (last && this.#now() - last.at < this.#period) {
      last.unsaid = unsaid
      return undefined
    }
    this.#said.set(key, { at: this.#now(), unsaid: 0 })
    return unsaid
  }
}
