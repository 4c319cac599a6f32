import { BlockList, isIPv4, isIPv6, SocketAddress } from 'node:net'
import { knownNetworks } from '../config/forms/network.ts'

/**
 * One spelling for one address, or undefined for what is none. IPv4 in IPv6, as a socket for both tells it
 * (::ffff:192.0.2.1), is IPv4; a zone is this machine's own name for a link.
 */
export function plainAddress(text: string): string | undefined {
  if (isIPv4(text)) return text
  if (!isIPv6(text)) return undefined
  const { address } = new SocketAddress({ family: 'ipv6', address: text.split('%', 1)[0] as string })
  const mapped = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : ''
  return isIPv4(mapped) ? mapped : address
}

/** What one client is counted as: an IPv4 address, or the /64 of an IPv6 one, of which everybody has 2^64. */
export function clientKey(address: string): string {
  const plain = plainAddress(address)
  if (plain === undefined || isIPv4(plain)) return plain ?? address
  const [left = '', right] = plain.split('::', 2)
  const before = left === '' ? [] : left.split(':')
  const after = right ? right.split(':').length + (right.includes('.') ? 1 : 0) : 0
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after) }, () => '0')
  const groups = right === undefined ? before : [...before, ...zeros, ...right.split(':')]
  return `${groups.slice(0, 4).join(':')}::/64`
}

/** A set of networks, as --trust names them. */
export class Networks {
  readonly isEmpty: boolean
  readonly #list = new BlockList()

  constructor(names: readonly string[]) {
    this.isEmpty = names.length === 0
    for (const network of names.flatMap((name) => knownNetworks[name] ?? [name])) {
      const [address = '', prefix] = network.split('/', 2)
      const family = isIPv4(address) ? 'ipv4' : 'ipv6'
      this.#list.addSubnet(address, Number(prefix ?? (family === 'ipv4' ? 32 : 128)), family)
    }
  }

  has(address: string): boolean {
    if (this.isEmpty) return false
    const plain = plainAddress(address)
    return plain !== undefined && this.#list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6')
  }
}
