import type { ConnectionRefusal, Connections } from '../limits/connections.ts'
import { Seldom } from '../limits/seldom.ts'
import type { Log } from '../observe/log.ts'

/** A flood of connections must not become a flood of lines. Milliseconds. */
const sayEvery = 1_000

export interface AdmissionOptions {
  readonly connections: Connections
  readonly log: Log
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  /** Told of each refusal, for those who count. */
  readonly onRefused?: (failure: ConnectionRefusal) => void
}

/** What a front asks of each connection before it reads from it: refusals are told of here. */
export class Admission {
  readonly #options: AdmissionOptions
  readonly #seldom: Seldom

  constructor(options: AdmissionOptions) {
    this.#options = options
    this.#seldom = new Seldom(options.now, sayEvery)
  }

  /** Counts the connection, or gives the failure that it is to be refused with. */
  admit(address: string): ConnectionRefusal | undefined {
    const failure = this.#options.connections.admit(address)
    if (failure === undefined) return undefined
    this.#options.onRefused?.(failure)
    const count = this.#seldom.count(failure)
    if (count !== undefined) this.#options.log.warn({ client: address, failure, count }, 'connections refused')
    return failure
  }

  /** Of every connection that was admitted, once, with the same address. */
  left(address: string): void {
    this.#options.connections.left(address)
  }
}
