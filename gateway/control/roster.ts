import type { Address } from '../config/config.ts'
import type { Backend } from '../pool/backend.ts'
import type { Pool } from '../pool/pool.ts'

export interface RosterOptions {
  readonly pool: Pool
  readonly now: () => number
  /** Whether what lived in a backend that does not answer counts as gone. */
  readonly isGone: (backend: Backend) => boolean
  /** Whether nobody would miss it: as far as is known nothing lives in it, and nothing is under way. */
  readonly isIdle: (backend: Backend) => boolean
  /** How long one that left discovery and is idle is kept, in milliseconds. */
  readonly forgetAfter: number
}

/**
 * Who belongs to the pool. Discovery's word alone brings nobody in who could serve, nor sends anybody away who does: a
 * task that ends leaves DNS two seconds before it is even told, and lives on for all of its grace period; so one that
 * left drains, and is forgotten when it is gone or no longer needed.
 */
export class Roster {
  readonly #options: RosterOptions
  readonly #idleSince = new WeakMap<Backend, number>()

  constructor(options: RosterOptions) {
    this.#options = options
  }

  /** Discovery's answer. An empty one would say that it does not know: then all stays. */
  named(addresses: readonly Address[]): void {
    const { pool } = this.#options
    if (addresses.length === 0) return
    const named = new Set(addresses.map((address) => pool.add(address)))
    for (const backend of pool.all()) {
      if (named.has(backend)) pool.restore(backend, 'left-discovery')
      else pool.drain(backend, 'left-discovery')
    }
  }

  /** An address that was known before this gateway started: its owners are served, newcomers once discovery names it. */
  remembered(address: Address): void {
    const { pool } = this.#options
    const known = pool.all().length
    const backend = pool.add(address)
    if (pool.all().length > known) pool.drain(backend, 'left-discovery')
  }

  /** Forgets those that left discovery and are gone, or have long been idle. To be called every so often. */
  sweep(): void {
    const { pool, isGone } = this.#options
    for (const backend of pool.all()) {
      const isOver = isGone(backend) || this.#hasLongBeenIdle(backend)
      if (isOver && backend.drainsFor('left-discovery')) pool.remove(backend)
    }
  }

  #hasLongBeenIdle(backend: Backend): boolean {
    const { now, forgetAfter, isIdle } = this.#options
    if (!isIdle(backend) || !backend.drainsFor('left-discovery')) {
      this.#idleSince.delete(backend)
      return false
    }
    const since = this.#idleSince.get(backend) ?? now()
    this.#idleSince.set(backend, since)
    return now() - since >= forgetAfter
  }
}
