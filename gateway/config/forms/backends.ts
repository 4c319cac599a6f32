import type { Address, DiscoverySpec } from '../config.ts'
import { address, formatAddress } from './address.ts'
import type { Form, Reading } from './form.ts'

type Kind = DiscoverySpec['kind']

/** How each way of finding backends reads what stands after its prefix. The mapped type demands a line for a new kind. */
const kinds: { readonly [K in Kind]: (rest: string) => Reading<DiscoverySpec & { kind: K }> } = {
  static: readStatic,
}

/** `static:10.0.0.2:8888,10.0.0.3:8888`: the prefix says how backends are found. */
export const backends: Form<DiscoverySpec> = {
  read(text) {
    const [, prefix = '', rest = ''] = /^([a-z-]*):(.*)$/.exec(text) ?? []
    if (!isKind(prefix)) return { must: `begin with a known way to find backends (${Object.keys(kinds).join(':, ')}:)` }
    return kinds[prefix](rest)
  },
  write: ({ kind, addresses }) => `${kind}:${addresses.map(formatAddress).join(',')}`,
}

function isKind(prefix: string): prefix is Kind {
  return Object.hasOwn(kinds, prefix)
}

function readStatic(rest: string): Reading<DiscoverySpec> {
  const addresses: Address[] = []
  const seen = new Set<string>()
  const one = address({ leastPort: 1 })
  for (const item of rest.split(',').map((part) => part.trim())) {
    const reading = one.read(item)
    if ('must' in reading) return { must: `name each backend as host:port, and "${item}" must ${reading.must}` }
    const written = formatAddress(reading.value)
    if (seen.has(written)) return { must: `name each backend once, and ${written} is there twice` }
    seen.add(written)
    addresses.push(reading.value)
  }
  return { value: { kind: 'static', addresses } }
}
