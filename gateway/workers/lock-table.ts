/** One worker's wish for a lock, by the number that the worker gave it. */
export interface Claim {
  readonly worker: number
  readonly id: number
}

/** Who holds which lock, and who waits for it in which order. Pure: whoever calls tells the workers. */
export class LockTable {
  /** Of each key the holder, and behind it those who wait. */
  readonly #queues = new Map<string, Claim[]>()
  readonly #keys = new Map<string, string>()

  /** True if the claim holds the lock now. */
  claim(claim: Claim, key: string): boolean {
    this.#keys.set(nameOf(claim), key)
    const queue = this.#queues.get(key)
    if (!queue) {
      this.#queues.set(key, [claim])
      return true
    }
    queue.push(claim)
    return false
  }

  /** Who holds the lock next, if somebody waits for what this claim held. */
  release(claim: Claim): Claim | undefined {
    const key = this.#keys.get(nameOf(claim))
    const queue = key === undefined ? undefined : this.#queues.get(key)
    if (key === undefined || !queue) return undefined
    this.#keys.delete(nameOf(claim))
    const index = queue.findIndex(({ worker, id }) => worker === claim.worker && id === claim.id)
    queue.splice(index, 1)
    if (queue.length === 0) this.#queues.delete(key)
    return index === 0 ? queue[0] : undefined
  }

  /** Releases all that a dead worker held or waited for; returns who holds now what it held. */
  releaseAll(worker: number): Claim[] {
    const claims = [...this.#queues.values()].flat().filter((claim) => claim.worker === worker)
    const next = claims.flatMap((claim) => this.release(claim) ?? [])
    return next.filter((claim) => claim.worker !== worker)
  }

  get size(): number {
    return this.#keys.size
  }
}

function nameOf({ worker, id }: Claim): string {
  return `${worker}/${id}`
}
