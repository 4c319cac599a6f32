import type { Tunnels } from './tunnels.ts'

/** How the other workers are asked: whether they have a session's socket, or to end it. */
export interface OtherWorkers {
  haveSocketOf(session: string): Promise<boolean>
  endSocketOf(session: string): Promise<void>
}

/** The one socket that a client may have to a kernel, in whichever worker it is. */
export class SessionSockets {
  readonly #tunnels: Tunnels
  readonly #others: OtherWorkers

  constructor(tunnels: Tunnels, others: OtherWorkers) {
    this.#tunnels = tunnels
    this.#others = others
  }

  /** Whether a client has a socket of this session, or waits for one. */
  async has(session: string): Promise<boolean> {
    return this.#tunnels.has(session) || (await this.#others.haveSocketOf(session))
  }

  /** Ends it, and resolves when its server has seen that (see Tunnels). */
  async end(session: string): Promise<void> {
    await Promise.all([this.#tunnels.replace(session), this.#others.endSocketOf(session)])
  }
}
