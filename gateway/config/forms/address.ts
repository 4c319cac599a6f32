import { isIP, isIPv4, isIPv6, SocketAddress } from 'node:net'
import type { Address } from '../config.ts'
import type { Form } from './form.ts'

const must = 'look like host:port or [IPv6]:port'

export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Port 0 lets the system choose one: of use for listening, never for reaching somebody. */
export function address({ leastPort }: { leastPort: 0 | 1 }): Form<Address> {
  return {
    read(text) {
      const [, bracketed, bare, digits] = /^(?:\[([^[\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? []
      const host = bracketed === undefined ? canonicalHost(bare ?? '', 'unbracketed') : canonicalIPv6(bracketed)
      const port = Number(digits)
      if (digits === undefined || host === undefined) return { must }
      if (port < leastPort || port > 65_535) return { must: `have a port from ${leastPort} to 65535` }
      return { value: { host, port } }
    },
    write: formatAddress,
  }
}

/** A DNS server by its address: a name would have to be looked up first. The port may be left out. */
export const dnsServer: Form<Address> = {
  read(text) {
    const [, bracketed, bare, digits = '53'] = /^(?:\[([^[\]]*)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? []
    const host = bracketed === undefined ? bare : canonicalIPv6(bracketed)
    const address = isIPv6(text) ? { host: canonicalIPv6(text), port: 53 } : { host, port: Number(digits) }
    if (address.host === undefined || !isIP(address.host))
      return { must: 'be IP addresses, each with or without a port' }
    if (address.port < 1 || address.port > 65_535) return { must: 'have ports from 1 to 65535' }
    return { value: { host: address.host, port: address.port } }
  },
  write: formatAddress,
}

/** A name or address as it stands in a certificate: no port, no brackets; `*.` in front covers one label. */
export const certificateName: Form<string> = {
  read(text) {
    const name = text.startsWith('*.') ? wildcard(text.slice(2)) : canonicalHost(text, 'any')
    return name === undefined ? { must: 'be host names or IP addresses, separated by commas' } : { value: name }
  },
  write: (name) => name,
}

function wildcard(parent: string): string | undefined {
  const host = canonicalHost(parent, 'unbracketed')
  return host === undefined || isIPv4(host) ? undefined : `*.${host}`
}

/** One spelling for one host, so that duplicates are found by comparing texts. */
function canonicalHost(text: string, allowed: 'unbracketed' | 'any'): string | undefined {
  if (isIPv4(text)) return text
  if (allowed === 'any' && isIPv6(text)) return canonicalIPv6(text)
  return isHostName(text) ? text.toLowerCase() : undefined
}

function canonicalIPv6(text: string): string | undefined {
  // A zone (fe80::1%eth0) holds on this machine only, and neither certificates nor Host headers can carry it.
  if (!isIPv6(text) || text.includes('%')) return undefined
  return new SocketAddress({ family: 'ipv6', address: text }).address
}

/** Underscores are accepted, which DNS allows and Docker uses in service names. */
function isHostName(text: string): boolean {
  const labels = text.split('.')
  const last = labels.at(-1) ?? ''
  // `10.0.0`, `256.1.1.1` and `0x7f000001` are addresses gone wrong: some resolvers would read them as other addresses.
  if (text.length > 253 || /^(\d+|0x[0-9a-f]*)$/i.test(last)) return false
  return labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label))
}
