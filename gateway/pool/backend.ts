import { formatAddress } from '../config/forms/address.ts'
import {
  type Arrival,
  admits,
  type DrainCause,
  drainCauses,
  type Health,
  healths,
  type State,
  states,
  type Verdict,
} from './states.ts'

/** One server of the pool: its address is its identity, the rest is what we know of it now. */
export class Backend {
  /** `host:port`, as discovery gave it. */
  readonly key: string
  readonly host: string
  readonly port: number
  /** In the pool clock's milliseconds. */
  readonly knownSince: number

  /** Exchanges under way here: the only count of them. Moved by leases alone. */
  inFlight = 0
  /** Those of them that are open WebSockets. Moved by leases alone. */
  sockets = 0
  /** Work that other processes of this gateway are just bringing here, as last told. */
  elsewhere = 0
  /** Long-lived work that it carries beside exchanges (for Jupyter: its kernels), as last told. */
  carries = 0
  /** What its probes said last, in words for an operator. */
  finding = 'not asked yet'

  #health: Health = 'unseen'
  /** Exchanges under way beyond which it takes no more, WebSockets not counted: theirs rest most of the time. */
  readonly #most: number
  readonly #drains = new Set<DrainCause>()
  #since: number
  /** When it last became ready while others already served; before that instant plus the slow start it gets less. */
  #warmingSince: number | undefined

  constructor(address: { host: string; port: number }, now: number, most = Number.POSITIVE_INFINITY) {
    this.#most = most
    this.host = address.host
    this.port = address.port
    this.key = formatAddress(address)
    this.knownSince = now
    this.#since = now
  }

  get health(): Health {
    return this.#health
  }

  get state(): State {
    return states[this.#health][this.#drains.size > 0 ? 'drains' : 'stays']
  }

  /** Why it is in that state, in words for an operator. */
  get reason(): string {
    const drains = Array.from(this.#drains, (cause) => drainCauses[cause])
    return (
      (this.#health === 'ill' || this.#health === 'late' ? [this.finding, ...drains] : drains).join('; ') ||
      this.finding
    )
  }

  /** When the present state began, in the pool clock's milliseconds. */
  get since(): number {
    return this.#since
  }

  get warmingSince(): number | undefined {
    return this.#warmingSince
  }

  get isFull(): boolean {
    return this.inFlight - this.sockets >= this.#most
  }

  admits(as: Arrival): boolean {
    return admits[this.state][as] !== 'never'
  }

  /** Whether it takes such arrivals even where others would. */
  admitsGladly(as: Arrival): boolean {
    return admits[this.state][as] === 'gladly'
  }

  /** Empty as long as it does not drain. */
  get drains(): readonly DrainCause[] {
    return [...this.#drains]
  }

  drainsFor(cause: DrainCause): boolean {
    return this.#drains.has(cause)
  }

  /** Moves along the table of healths. Returns whether the state changed. */
  judge(verdict: Verdict, now: number, { cold }: { cold: boolean }): boolean {
    return this.#change(now, cold, () => {
      this.#health = healths[this.#health][verdict]
    })
  }

  drain(cause: DrainCause, now: number): boolean {
    return this.#change(now, false, () => this.#drains.add(cause))
  }

  /** Takes one cause back. It is looked at anew before it serves newcomers, if no other cause is left. */
  restore(cause: DrainCause, now: number): boolean {
    return this.#change(now, false, () => {
      if (this.#drains.delete(cause)) this.#health = healths[this.#health].anew
    })
  }

  #change(now: number, cold: boolean, act: () => void): boolean {
    const before = this.state
    act()
    if (this.state === before) return false
    this.#since = now
    this.#warmingSince = this.state === 'ready' && cold ? now : undefined
    return true
  }
}
