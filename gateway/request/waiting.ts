import type { Backend } from '../pool/backend.ts'

/** An attempt that waits for a backend's first word. */
export interface Waiter {
  /** The backend does not answer its probes any more. */
  backendFell(): void
  /** It does not answer them in time. */
  backendSlowed(): void
}

/**
 * Who waits for which backend. A backend that hangs takes connections and answers nothing; its probes find that out in
 * seconds, and nobody need wait for the end of his own, longer time-out.
 */
export class Waiting {
  readonly #waiters = new WeakMap<Backend, Set<Waiter>>()

  add(backend: Backend, waiter: Waiter): void {
    const waiters = this.#waiters.get(backend)
    if (waiters) waiters.add(waiter)
    else this.#waiters.set(backend, new Set([waiter]))
  }

  remove(backend: Backend, waiter: Waiter): void {
    this.#waiters.get(backend)?.delete(waiter)
  }

  backendFell(backend: Backend): void {
    for (const waiter of this.#of(backend)) waiter.backendFell()
  }

  backendSlowed(backend: Backend): void {
    for (const waiter of this.#of(backend)) waiter.backendSlowed()
  }

  /** As they are now: those who hear of it leave. */
  #of(backend: Backend): Waiter[] {
    return [...(this.#waiters.get(backend) ?? [])]
  }
}
