import { Networks, plainAddress } from './addresses.ts'

/** Who a request comes from, and how. */
export interface Origin {
  readonly address: string
  readonly encrypted: boolean
  /** The trusted proxies between, the nearest last. */
  readonly via?: readonly string[]
}

/** Values of the headers that proxies write, in their order. */
export interface ForwardedHeaders {
  readonly for: readonly string[]
  readonly proto: readonly string[]
}

/** Whose word of a client's address and scheme is taken. */
export class Trust {
  #networks: Networks

  constructor(networks: readonly string[]) {
    this.#networks = new Networks(networks)
  }

  /** From now on these. */
  renew(networks: readonly string[]): void {
    this.#networks = new Networks(networks)
  }

  has(address: string): boolean {
    return this.#networks.has(address)
  }

  /**
   * The client behind a peer. X-Forwarded-For is read from the right, where trusted proxies have added whom they saw:
   * the first that is no trusted proxy is the client, and what stands left of it is its own word. What is no address
   * ends the reading. A scheme counts if it is the only one; no header ever changes the Host.
   */
  originOf(peer: Origin, forwarded: ForwardedHeaders): Origin {
    if (!this.has(peer.address)) return peer
    const hops = forwarded.for.join(',').split(',')
    const via: string[] = []
    let address = peer.address
    while (this.has(address)) {
      const before = addressIn(hops.pop())
      if (before === undefined) break
      via.unshift(address)
      address = before
    }
    return { address, encrypted: isHttps(forwarded.proto) ?? peer.encrypted, via }
  }
}

/** Some proxies write a port behind the address. */
function addressIn(hop: string | undefined): string | undefined {
  const [, bracketed, v4, bare] = /^(?:\[([^[\]]+)\](?::\d+)?|([\d.]+):\d+|([^[\]]+))$/.exec(hop?.trim() ?? '') ?? []
  return plainAddress(bracketed ?? v4 ?? bare ?? '')
}

function isHttps(proto: readonly string[]): boolean | undefined {
  const [scheme] = proto
  if (proto.length !== 1 || !/^https?$/i.test(scheme as string)) return undefined
  return (scheme as string).length === 5
}
