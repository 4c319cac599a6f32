import { BlockList, isIP } from 'node:net'

/** What no server can be reached at, or what is not one server: "this host", multicast, reserved, with a zone alone. */
const senseless = new BlockList()
senseless.addSubnet('0.0.0.0', 8, 'ipv4') // connects to this very machine on Linux
senseless.addSubnet('224.0.0.0', 3, 'ipv4')
senseless.addAddress('::', 'ipv6')
senseless.addSubnet('ff00::', 8, 'ipv6')
senseless.addSubnet('fe80::', 10, 'ipv6')

/** The addresses that a backend could have, sorted, each once: DNS servers shuffle. */
export function usable(addresses: readonly string[]): string[] {
  const good = addresses.filter((address) => {
    if (address.startsWith('::ffff:')) return false // IPv4 under a second name
    const version = isIP(address)
    return version !== 0 && !senseless.check(address, version === 4 ? 'ipv4' : 'ipv6')
  })
  return [...new Set(good)].sort()
}
