import { type Leg, type Passed, Splice, type SpliceOwner, type SpliceTimes } from './splice.ts'

export type { Passed } from './splice.ts'

/**
 * How long a replaced leg's server may take to see its end. A busy one needs seconds, and to go on without it is to
 * lose what its kernel says: it would take the old socket's late end for the new one's. Milliseconds.
 */
const usualReplaceTime = 10_000

const usualSendTimeout = 60_000

export interface Tunnel {
  /** Ends the backend's leg, and resolves when the backend has seen that, or takes too long. */
  endBackendLeg(): Promise<void>
  /** Cuts both legs without a word: a WebSocket client sees 1006 and comes back. */
  destroy(): void
}

/** The WebSockets that pass through here. */
export class Tunnels implements SpliceOwner {
  /** Of all that ever were, and how many these are. */
  bytesIn = 0
  bytesOut = 0
  opened = 0
  readonly #open = new Set<Tunnel>()
  /** More than one only while a client waits for its socket, who may have no right to it. */
  readonly #bySession = new Map<string, Set<Tunnel>>()
  times: SpliceTimes

  constructor({ replaceTime = usualReplaceTime, sendTimeout = usualSendTimeout }: Partial<SpliceTimes> = {}) {
    this.times = { replaceTime, sendTimeout }
  }

  /** From the next time on that a client takes nothing. */
  retime(sendTimeout: number): void {
    this.times = { ...this.times, sendTimeout }
  }

  get size(): number {
    return this.#open.size
  }

  /**
   * Joins two sockets until either ends; `onClose` is called once, when both have.
   *
   * Bytes are not looked at: close codes, subprotocols and extensions are between client and backend. When one leg
   * dies the other is ended at once, for a backend that believes its client alive sends to nobody what it should keep
   * for the client's return (jupyter_server replays what came while the last socket was gone).
   *
   * `session` names what may have one socket only: a kernel and a client's session_id.
   */
  join(client: Leg, backend: Leg, session: string | undefined, onClose: (passed: Passed) => void): void {
    const splice: Splice = new Splice(client, backend, this, () => {
      this.#open.delete(splice)
      forget()
      onClose(splice)
    })
    this.#add(splice)
    const forget = this.#name(splice, session)
  }

  /** A socket that is not spliced but ends with the others. Returns how to forget it. */
  track(tunnel: Tunnel): () => void {
    this.#add(tunnel)
    return () => this.#open.delete(tunnel)
  }

  /**
   * Before a client's new socket goes to the backend, its old one must be gone there: a server that meets both waits
   * five seconds for the old one's answer and then throws away what it had kept (seen with jupyter_server 2.21).
   */
  async replace(session: string): Promise<void> {
    const tunnels = [...(this.#bySession.get(session) ?? [])]
    await Promise.all(tunnels.map((tunnel) => tunnel.endBackendLeg()))
  }

  /** Whether a client has a socket of this session, or waits for one. */
  has(session: string): boolean {
    return this.#bySession.has(session)
  }

  /** A client that waits for its socket: Jupyter may take a minute, and the client may come anew meanwhile. */
  expect(session: string, giveUp: () => void): () => void {
    return this.#name({ endBackendLeg: async () => giveUp(), destroy: giveUp }, session)
  }

  destroyAll(): void {
    for (const tunnel of this.#open) tunnel.destroy()
  }

  #add(tunnel: Tunnel): void {
    this.#open.add(tunnel)
    this.opened++
  }

  /** Returns how to forget it. */
  #name(tunnel: Tunnel, session: string | undefined): () => void {
    if (session === undefined) return () => {}
    const tunnels = this.#bySession.get(session) ?? new Set()
    this.#bySession.set(session, tunnels.add(tunnel))
    return () => {
      tunnels.delete(tunnel)
      if (tunnels.size === 0 && this.#bySession.get(session) === tunnels) this.#bySession.delete(session)
    }
  }
}
