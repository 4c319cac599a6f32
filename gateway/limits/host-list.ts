import { isIPv6, SocketAddress } from 'node:net'

/** The names under which this gateway may be asked. An empty list allows every one. */
export class HostList {
  readonly #names: ReadonlySet<string>

  constructor(names: readonly string[]) {
    this.#names = new Set(names)
  }

  /** `host` as the header has it, with or without port, in any case. */
  allows(host: string | undefined): boolean {
    if (this.#names.size === 0) return true
    const name = nameIn(host ?? '')
    // As in a certificate: the star is one label.
    const dot = name.indexOf('.')
    return this.#names.has(name) || (dot > 0 && this.#names.has(`*${name.slice(dot)}`))
  }
}

function nameIn(host: string): string {
  const [, bracketed, name = ''] = /^(?:\[([^[\]]*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? []
  if (bracketed === undefined) return name.replace(/\.$/, '').toLowerCase()
  return isIPv6(bracketed) ? new SocketAddress({ family: 'ipv6', address: bracketed }).address : ''
}
