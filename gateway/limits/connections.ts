import { clientKey } from './addresses.ts'

export interface ConnectionLimits {
  readonly all: number
  readonly perClient: number
  /** Addresses behind which many clients stand. */
  readonly isShared: (address: string) => boolean
  /** How many processes share these limits: each takes its part, rounded up. */
  readonly processes: number
}

export type ConnectionRefusal = 'too-many-connections' | 'too-many-of-client'

/** Counts clients' connections. Whoever was admitted must leave, once, under the same address. */
export class Connections {
  readonly #limits: ConnectionLimits
  readonly #all: number
  readonly #perClient: number
  readonly #counts = new Map<string, number>()
  #open = 0

  constructor(limits: ConnectionLimits) {
    this.#limits = limits
    this.#all = Math.ceil(limits.all / limits.processes)
    this.#perClient = Math.ceil(limits.perClient / limits.processes)
  }

  get open(): number {
    return this.#open
  }

  /** Counts a connection, or says why it may not be. */
  admit(address: string): ConnectionRefusal | undefined {
    if (this.#open >= this.#all) return 'too-many-connections'
    const key = clientKey(address)
    const count = this.#counts.get(key) ?? 0
    if (count >= this.#perClient && !this.#limits.isShared(address)) return 'too-many-of-client'
    this.#counts.set(key, count + 1)
    this.#open++
    return undefined
  }

  left(address: string): void {
    const key = clientKey(address)
    const count = this.#counts.get(key)
    if (count === undefined) return
    this.#open--
    if (count === 1) this.#counts.delete(key)
    else this.#counts.set(key, count - 1)
  }
}
