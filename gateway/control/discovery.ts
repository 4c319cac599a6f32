import type { Address, DiscoverySpec } from '../config/config.ts'

/** Who exists, as far as can be told: not who is well. */
export interface Discovery {
  /** All addresses known now. Rejects when that cannot be told, which means "unknown" and never "nobody". */
  addresses(signal: AbortSignal): Promise<readonly Address[]>
}

export function createDiscovery(spec: DiscoverySpec): Discovery {
  return staticDiscovery(spec.addresses)
}

/** The addresses that the operator wrote down. */
export function staticDiscovery(addresses: readonly Address[]): Discovery {
  return { addresses: async () => addresses }
}
