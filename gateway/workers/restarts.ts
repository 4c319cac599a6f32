/** A worker that lived so long was well; what ended it is not in how it starts. Milliseconds. */
const longEnough = 10_000
const shortestPause = 100
const longestPause = 5_000

/** How long to wait before a dead worker is replaced: at first hardly, longer while they go on dying young. */
export class Restarts {
  #diedYoung = 0

  /** Milliseconds. */
  pauseAfter(lived: number): number {
    this.#diedYoung = lived >= longEnough ? 0 : this.#diedYoung + 1
    return Math.min(longestPause, shortestPause * 2 ** Math.max(0, this.#diedYoung - 1))
  }
}
