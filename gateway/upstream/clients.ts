import { createBackendClient } from './backend-client.ts'
import type { BackendClient } from './client.ts'

interface Peer {
  readonly key: string
  readonly host: string
  readonly port: number
}

export interface ClientsOptions {
  /** Milliseconds. */
  readonly connectTimeout: number
  /** Told what a handler threw, a mistake of ours that has ended its exchange and no other. */
  readonly onHandlerError: (error: unknown) => void
}

/** One client for each backend, made when it is first needed. */
export class Clients {
  readonly #clients = new Map<string, BackendClient>()
  readonly #options: ClientsOptions

  constructor(options: ClientsOptions) {
    this.#options = options
  }

  of({ key, host, port }: Peer): BackendClient {
    const known = this.#clients.get(key)
    if (known) return known
    const client = createBackendClient({ host, port, ...this.#options })
    this.#clients.set(key, client)
    return client
  }

  drop({ key }: Peer): void {
    this.#clients.get(key)?.close()
    this.#clients.delete(key)
  }

  closeAll(): void {
    for (const client of this.#clients.values()) client.close()
    this.#clients.clear()
  }
}
