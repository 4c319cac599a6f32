import { type Arrival, admits, type State, transitions, type Verdict } from './states.ts'

/** One server of the pool: its address is its identity, the rest is what we know of it now. */
export class Backend {
  /** `host:port`, as discovery gave it. */
  readonly key: string
  readonly host: string
  readonly port: number

  /** Exchanges under way here: the only count of them. Moved by leases alone. */
  inFlight = 0
  /** Long-lived work that it carries beside exchanges (for Jupyter: its kernels), as last told. */
  carries = 0
  /** Why it is not ready, in words for an operator. */
  reason = 'not asked yet'

  #state: State = 'joining'
  #since: number
  /** When it last became ready while others already served; before that instant plus the slow start it gets less. */
  #warmingSince: number | undefined

  constructor(address: { host: string; port: number }, now: number) {
    this.host = address.host
    this.port = address.port
    this.key = address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
    this.#since = now
  }

  get state(): State {
    return this.#state
  }

  /** When the present state began, in the pool clock's milliseconds. */
  get since(): number {
    return this.#since
  }

  get warmingSince(): number | undefined {
    return this.#warmingSince
  }

  admits(as: Arrival): boolean {
    return admits[this.#state][as]
  }

  /** Moves along the table of states. Returns whether the state changed. */
  judge(verdict: Verdict, now: number, { cold }: { cold: boolean }): boolean {
    const next = transitions[this.#state][verdict]
    if (next === this.#state) return false
    this.#state = next
    this.#since = now
    this.#warmingSince = next === 'ready' && cold ? now : undefined
    return true
  }
}
