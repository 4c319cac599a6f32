import { Backend } from './backend.ts'
import { type Choice, chooseLeastLoaded } from './choose.ts'
import { Lease } from './lease.ts'
import { rendezvousOrder } from './rendezvous.ts'
import type { Verdict } from './states.ts'

export interface PoolOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  readonly random: () => number
  /** Milliseconds. */
  readonly slowStart: number
}

export interface PoolListener {
  backendAdded?(backend: Backend): void
  backendRemoved?(backend: Backend): void
  backendChanged?(backend: Backend): void
}

/** All known backends. Choosing and counting are one synchronous step here: a lease comes back, or nothing. */
export class Pool {
  readonly #backends = new Map<string, Backend>()
  readonly #options: PoolOptions
  readonly #listeners: PoolListener[] = []

  constructor(options: PoolOptions) {
    this.#options = options
  }

  listen(listener: PoolListener): void {
    this.#listeners.push(listener)
  }

  all(): Backend[] {
    return [...this.#backends.values()]
  }

  ready(): Backend[] {
    return this.all().filter((backend) => backend.admits('newcomer'))
  }

  /** The backend of that key, if it is (still) known. */
  get(key: string): Backend | undefined {
    return this.#backends.get(key)
  }

  /** Adds a backend unless its address is known already, and returns it. */
  add(address: { host: string; port: number }): Backend {
    const fresh = new Backend(address, this.#options.now())
    const known = this.#backends.get(fresh.key)
    if (known) return known
    this.#backends.set(fresh.key, fresh)
    for (const listener of this.#listeners) listener.backendAdded?.(fresh)
    return fresh
  }

  remove(backend: Backend): void {
    if (!this.#backends.delete(backend.key)) return
    for (const listener of this.#listeners) listener.backendRemoved?.(backend)
  }

  /**
   * A verdict on a backend. One that becomes ready beside others that have long served starts slowly; those that
   * become ready together, as at the start of a gateway, do not.
   */
  judge(backend: Backend, verdict: Verdict, reason: string): void {
    const now = this.#options.now()
    const cold = this.ready().some((other) => now - other.since > this.#options.slowStart)
    const isProbe = verdict === 'pass' || verdict === 'fail'
    if (backend.state !== 'draining' || !isProbe) backend.reason = reason
    if (!backend.judge(verdict, now, { cold })) return
    for (const listener of this.#listeners) listener.backendChanged?.(backend)
  }

  /** A lease on the least loaded backend that takes newcomers, leaving out those of `except`. */
  claimLeastLoaded(except: ReadonlySet<Backend> = none): Lease | undefined {
    const candidates = this.ready().filter((backend) => !except.has(backend))
    const backend = chooseLeastLoaded(candidates, this.#choice())
    return backend && Lease.claim(backend, 'newcomer')
  }

  /** A lease on the ready backend that `key` prefers, leaving out those of `except`. */
  claimByAffinity(key: string, except: ReadonlySet<Backend> = none): Lease | undefined {
    const backend = rendezvousOrder(this.ready(), key).find((candidate) => !except.has(candidate))
    return backend && Lease.claim(backend, 'newcomer')
  }

  /** A lease on the one backend in whose memory something lives. */
  claimOwner(backend: Backend): Lease | undefined {
    return Lease.claim(backend, 'owner')
  }

  #choice(): Choice {
    return { now: this.#options.now(), slowStart: this.#options.slowStart, random: this.#options.random }
  }
}

const none: ReadonlySet<Backend> = new Set()
