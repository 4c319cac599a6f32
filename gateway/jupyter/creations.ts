import type { Backend } from '../pool/backend.ts'
import type { Claim, Lease } from '../pool/lease.ts'
import type { Pool } from '../pool/pool.ts'
import type { Lock } from './keyed-lock.ts'

/** One creation more, or one less, under way at a backend. */
export interface CreationNews {
  readonly backend: string
  readonly by: 1 | -1
}

export interface CreationsOptions {
  readonly pool: Pool
  readonly lock: Lock
  readonly tell: (news: CreationNews) => void
}

/**
 * Starting a kernel takes seconds, in which no survey shows it. Were each worker to count only what it starts itself,
 * a class that opens fifty notebooks at once would be spread unevenly; so where to is decided by one at a time, and
 * told before the next decides.
 */
export class Creations {
  readonly #options: CreationsOptions
  readonly #ofWorkers = new Map<number, Map<string, number>>()

  constructor(options: CreationsOptions) {
    this.#options = options
  }

  /** A place for what `key` names, if that is the same to all gateways. Released when it is answered or has failed. */
  claim(except: ReadonlySet<Backend>, key?: string): Promise<Claim | undefined> {
    const { lock, pool } = this.#options
    return lock.run('creation', async () => {
      const lease = pool.claimLeastLoaded(except, 'newcomer', key)
      return lease && this.#begin(lease)
    })
  }

  /** Another worker's news. */
  hear({ backend, by }: CreationNews, worker: number): void {
    const counts = this.#ofWorkers.get(worker) ?? new Map<string, number>()
    this.#ofWorkers.set(worker, counts)
    const before = counts.get(backend) ?? 0
    // Who began to listen in the midst of a creation hears of its end alone.
    const after = Math.max(0, before + by)
    counts.set(backend, after)
    this.#count(backend, after - before)
  }

  /** A worker died, and with it what it had under way. */
  gone(worker: number): void {
    for (const [backend, count] of this.#ofWorkers.get(worker) ?? []) this.#count(backend, -count)
    this.#ofWorkers.delete(worker)
  }

  #begin(lease: Lease): Claim {
    const { tell } = this.#options
    const { backend } = lease
    tell({ backend: backend.key, by: 1 })
    let isHeld = true
    const release = () => {
      if (!isHeld) return
      isHeld = false
      lease.release()
      tell({ backend: backend.key, by: -1 })
    }
    return { backend, release }
  }

  #count(key: string, by: number): void {
    const backend = this.#options.pool.get(key)
    // One that was met only now was not counted from the beginning.
    if (backend) backend.elsewhere = Math.max(0, backend.elsewhere + by)
  }
}
