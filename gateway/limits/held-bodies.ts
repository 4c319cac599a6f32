import { clientKey } from './addresses.ts'

/** In bodies of the largest size: of one client, and of all together. */
const mostOfClient = 16
const mostOfAll = 128

/** Bytes. Whose body is no longer is read even then: a session is named in a few hundred. */
const small = 16 * 1024

/**
 * Requests that say in their body where they go are read whole, before any server has looked at who sends them. What they
 * hold together has bounds, or a thousand connections that stop a byte before their end would take a gigabyte.
 */
export class HeldBodies {
  readonly #ofClients = new Map<string, number>()
  #all = 0

  begin(address: string): HeldBody {
    const client = clientKey(address)
    let held = 0
    return {
      take: (bytes, largest) => {
        const ofClient = this.#ofClients.get(client) ?? 0
        const isMuch = ofClient + bytes > mostOfClient * largest || this.#all + bytes > mostOfAll * largest
        if (isMuch && held + bytes > small) return false
        this.#count(client, bytes)
        held += bytes
        return true
      },
      release: () => {
        this.#count(client, -held)
        held = 0
      },
    }
  }

  #count(client: string, bytes: number): void {
    const ofClient = (this.#ofClients.get(client) ?? 0) + bytes
    if (ofClient > 0) this.#ofClients.set(client, ofClient)
    else this.#ofClients.delete(client)
    this.#all += bytes
  }
}

/** One body as it comes in. */
export interface HeldBody {
  /** False: no more of it is read. `largest` is how long one may be. */
  take(bytes: number, largest: number): boolean
  /** Nobody needs it any more. */
  release(): void
}
