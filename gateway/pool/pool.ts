import { Backend } from './backend.ts'
import { chooseLeastLoaded } from './choose.ts'
import { Lease } from './lease.ts'
import { rendezvousOrder } from './rendezvous.ts'
import type { Arrival, DrainCause, Verdict } from './states.ts'

export interface PoolOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  readonly random: () => number
  /** Milliseconds. */
  readonly slowStart: number
  /** Exchanges under way with one backend beyond which it takes no more. Absent: without end. */
  readonly exchangesPerBackend?: number
}

export interface PoolListener {
  backendAdded?(backend: Backend): void
  backendRemoved?(backend: Backend): void
  backendChanged?(backend: Backend): void
}

/** Arrivals that no one backend owns. */
export type Unbound = Exclude<Arrival, 'owner'>

/** All known backends. Choosing and counting are one synchronous step here: a lease comes back, or nothing. */
export class Pool {
  readonly #backends = new Map<string, Backend>()
  /** The same, made anew when they change: it is read with every exchange. */
  #all: readonly Backend[] = []
  readonly #options: PoolOptions
  readonly #listeners: PoolListener[] = []

  constructor(options: PoolOptions) {
    this.#options = options
  }

  listen(listener: PoolListener): void {
    this.#listeners.push(listener)
  }

  all(): readonly Backend[] {
    return this.#all
  }

  ready(): Backend[] {
    return this.all().filter((backend) => backend.admitsGladly('newcomer'))
  }

  /** Whether a claim that failed may have failed for want of room. */
  get isFull(): boolean {
    return this.all().some((backend) => backend.isFull)
  }

  /** The backend of that key, if it is (still) known. */
  get(key: string): Backend | undefined {
    return this.#backends.get(key)
  }

  /** Adds a backend unless its address is known already, and returns it. */
  add(address: { host: string; port: number }): Backend {
    const fresh = new Backend(address, this.#options.now(), this.#options.exchangesPerBackend)
    const known = this.#backends.get(fresh.key)
    if (known) return known
    this.#backends.set(fresh.key, fresh)
    this.#all = [...this.#backends.values()]
    for (const listener of this.#listeners) listener.backendAdded?.(fresh)
    return fresh
  }

  remove(backend: Backend): void {
    if (!this.#backends.delete(backend.key)) return
    this.#all = [...this.#backends.values()]
    for (const listener of this.#listeners) listener.backendRemoved?.(backend)
  }

  /**
   * A verdict on a backend. One that becomes ready beside others that have long served starts slowly; those that
   * become ready together, as at the start of a gateway, do not.
   */
  judge(backend: Backend, verdict: Verdict, finding: string): void {
    const now = this.#options.now()
    const cold = this.ready().some((other) => now - other.since > this.#options.slowStart)
    backend.finding = finding
    this.#tell(backend, backend.judge(verdict, now, { cold }))
  }

  drain(backend: Backend, cause: DrainCause): void {
    this.#tell(backend, backend.drain(cause, this.#options.now()))
  }

  /** Takes one cause back; it serves newcomers again when it has no other and was looked at anew. */
  restore(backend: Backend, cause: DrainCause): void {
    this.#tell(backend, backend.restore(cause, this.#options.now()))
  }

  /** A lease on the least loaded backend that takes such arrivals, leaving out those of `except`; `key` breaks ties. */
  claimLeastLoaded(
    except: ReadonlySet<Backend> = none,
    as: Unbound = 'newcomer',
    key?: string | undefined,
  ): Lease | undefined {
    const { now, slowStart, random } = this.#options
    const backend = chooseLeastLoaded(this.#candidates(except, as), { now: now(), slowStart, random, key })
    return backend && Lease.claim(backend, as)
  }

  /** A lease on the backend that `key` prefers among those that take such arrivals, leaving out those of `except`. */
  claimByAffinity(key: string, except: ReadonlySet<Backend> = none, as: Unbound = 'newcomer'): Lease | undefined {
    const [backend] = rendezvousOrder(this.#candidates(except, as), key)
    return backend && Lease.claim(backend, as)
  }

  /** A lease on the one backend in whose memory something lives. */
  claimOwner(backend: Backend): Lease | undefined {
    return Lease.claim(backend, 'owner')
  }

  /** Those that take them gladly; where there are none, those that do at need. */
  #candidates(except: ReadonlySet<Backend>, as: Unbound): Backend[] {
    const glad = this.#all.some((backend) => backend.admitsGladly(as) && !except.has(backend))
    return this.#all.filter((backend) => {
      const isWilling = glad ? backend.admitsGladly(as) : backend.admits(as)
      return isWilling && !backend.isFull && !except.has(backend)
    })
  }

  #tell(backend: Backend, changed: boolean): void {
    if (!changed) return
    for (const listener of this.#listeners) listener.backendChanged?.(backend)
  }
}

const none: ReadonlySet<Backend> = new Set()
