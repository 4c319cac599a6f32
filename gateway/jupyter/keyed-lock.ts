/** Runs the tasks of one key one after the other; those of different keys do not wait for each other. */
export interface Lock {
  run<T>(key: string, task: () => Promise<T>): Promise<T>
}

/** Within this process. */
export class KeyedLock implements Lock {
  readonly #tails = new Map<string, Promise<unknown>>()

  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve()
    const mine = before.then(task, task)
    this.#tails.set(key, mine)
    try {
      return await mine
    } finally {
      if (this.#tails.get(key) === mine) this.#tails.delete(key)
    }
  }
}
