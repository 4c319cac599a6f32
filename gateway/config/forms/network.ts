import { isIPv4, isIPv6, SocketAddress } from 'node:net'
import type { Form } from './form.ts'

/** Names for networks that everybody has. */
export const knownNetworks: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  // RFC 1918, RFC 4193, and what a link gives itself (RFC 3927, RFC 4291).
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', 'fc00::/7', 'fe80::/10'],
}

const must = `be addresses, networks such as 10.0.0.0/8, or ${Object.keys(knownNetworks).join(' or ')}, separated by commas`

/** One network: an address, `address/prefix`, or a known name. */
export const network: Form<string> = {
  read(text) {
    if (Object.hasOwn(knownNetworks, text)) return { value: text }
    const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? []
    const family = isIPv4(address) ? 'ipv4' : isIPv6(address) && !address.includes('%') ? 'ipv6' : undefined
    if (family === undefined || Number(prefix ?? 0) > (family === 'ipv4' ? 32 : 128)) return { must }
    const canonical = new SocketAddress({ family, address }).address
    // Its prefix would count 96 bits more than the address that is meant.
    if (canonical.startsWith('::ffff:')) return { must: 'name IPv4 networks as such, without ::ffff:' }
    return { value: prefix === undefined ? canonical : `${canonical}/${Number(prefix)}` }
  },
  write: (value) => value,
}
