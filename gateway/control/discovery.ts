import type { Address, Config } from '../config/config.ts'
import { formatAddress } from '../config/forms/address.ts'
import { dnsDiscovery } from './discovery/dns.ts'

/** Who exists, as far as can be told: not who is well. */
export interface Discovery {
  /**
   * All addresses known now, each once, in an order of their own. Rejects when that cannot be told, which means
   * "unknown" and never "nobody".
   */
  addresses(signal: AbortSignal): Promise<readonly Address[]>
}

type Spec = Pick<Config, 'backends' | 'dnsServers'>

export function createDiscovery({ backends, dnsServers }: Spec): Discovery {
  switch (backends.kind) {
    case 'static':
      return staticDiscovery(backends.addresses)
    case 'dns': {
      const { name, port } = backends
      return dnsDiscovery({ name, port, ...(dnsServers.length > 0 && { servers: dnsServers.map(formatAddress) }) })
    }
  }
}

/** One that can be told to look elsewhere, from its next question on. */
export function renewableDiscovery(config: Spec): Discovery & { renew(config: Spec): void } {
  let current = createDiscovery(config)
  return {
    addresses: (signal) => current.addresses(signal),
    renew: (next) => {
      current = createDiscovery(next)
    },
  }
}

/** The addresses that the operator wrote down. */
function staticDiscovery(addresses: readonly Address[]): Discovery {
  return { addresses: async () => addresses }
}
