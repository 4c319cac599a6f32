import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import { HostList } from '../limits/host-list.ts'

/**
 * Whether a browser sends this for a page of somebody else's: any page on the web can make its visitor's browser post
 * to an address of the operator's machine. Programs that are no browsers do not say where they come from.
 */
export function isForeign({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  // https where a proxy before this listener speaks it.
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`
}

/**
 * Whether a browser may have sent this: they alone can be made to by others. A page that reads from what it takes for its
 * own server says neither Origin nor, without TLS, where it is from; but all browsers begin their name like this.
 */
export function isOfBrowser({ origin, 'sec-fetch-site': site, 'user-agent': agent }: IncomingHttpHeaders): boolean {
  return origin !== undefined || site !== undefined || agent?.startsWith('Mozilla/') === true
}

/**
 * Whether a browser may ask under this name. Anybody can let a name of theirs lead to this machine, and to the browser
 * their page and ours are then one (DNS rebinding). Nobody can do that with an address, nor with a name without dots,
 * which is none of the public DNS; all others stand in --allow-host.
 */
export function isOwnName(host: string | undefined, allowed: readonly string[]): boolean {
  if (host === undefined) return false
  const name = host.replace(/:\d+$/, '').toLowerCase()
  if (isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0) return true
  if (/^[\w-]+$/.test(name) || name.endsWith('.localhost')) return true
  return allowed.length > 0 && new HostList(allowed).allows(host)
}
