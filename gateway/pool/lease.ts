import type { Backend } from './backend.ts'
import type { Arrival } from './states.ts'

/** One exchange counted on one backend. Made by claiming, which can be refused; released once, however often asked. */
export class Lease {
  readonly backend: Backend
  #held = true

  private constructor(backend: Backend) {
    this.backend = backend
    backend.inFlight++
  }

  static claim(backend: Backend, as: Arrival): Lease | undefined {
    return backend.admits(as) ? new Lease(backend) : undefined
  }

  release(): void {
    if (!this.#held) return
    this.#held = false
    this.backend.inFlight--
  }
}
