import type { Backend } from './backend.ts'
import type { Arrival } from './states.ts'

/** What counts on a backend until it is released. */
export interface Claim {
  readonly backend: Backend
  /** Once, however often asked. */
  release(): void
}

/** One exchange counted on one backend. Made by claiming, which can be refused; released once, however often asked. */
export class Lease implements Claim {
  readonly backend: Backend
  #held = true
  #isSocket = false

  private constructor(backend: Backend) {
    this.backend = backend
    backend.inFlight++
  }

  static claim(backend: Backend, as: Arrival): Lease | undefined {
    return backend.admits(as) && !backend.isFull ? new Lease(backend) : undefined
  }

  /** What was an exchange is an open WebSocket from now on. */
  becomeSocket(): void {
    if (!this.#held || this.#isSocket) return
    this.#isSocket = true
    this.backend.sockets++
  }

  release(): void {
    if (!this.#held) return
    this.#held = false
    if (this.#isSocket) this.backend.sockets--
    this.backend.inFlight--
  }
}
