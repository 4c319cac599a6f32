import { seededRandom } from '../fakes/seeded-random.ts'

/** What a case is made of, the same in every run with one seed. */
export class Chance {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  oneIn(count: number): boolean {
    return this.below(count) === 0
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  /** Somewhere in a text, its end included. */
  placeIn(text: string): number {
    return this.below(text.length + 1)
  }
}
