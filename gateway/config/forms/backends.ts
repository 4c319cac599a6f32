import { isIP } from 'node:net'
import type { Address, DiscoverySpec } from '../config.ts'
import { address, formatAddress } from './address.ts'
import type { Form, Reading } from './form.ts'

type Kind = DiscoverySpec['kind']

interface KindForm<S extends DiscoverySpec> {
  readonly read: (rest: string) => Reading<S>
  readonly write: (spec: S) => string
}

/** How each way of finding backends writes what stands after its prefix. The mapped type demands a line for a new kind. */
const kinds: { readonly [K in Kind]: KindForm<DiscoverySpec & { kind: K }> } = {
  static: { read: readStatic, write: ({ addresses }) => addresses.map(formatAddress).join(',') },
  dns: { read: readDns, write: formatName },
}

/** `static:10.0.0.2:8888,10.0.0.3:8888` or `dns:tasks.jupyter:8888`: the prefix says how backends are found. */
export const backends: Form<DiscoverySpec> = {
  read(text) {
    const [, prefix = '', rest = ''] = /^([a-z-]*):(.*)$/.exec(text) ?? []
    if (!isKind(prefix)) return { must: `begin with a known way to find backends (${Object.keys(kinds).join(':, ')}:)` }
    return kinds[prefix].read(rest)
  },
  write: (spec) => `${spec.kind}:${spec.kind === 'dns' ? kinds.dns.write(spec) : kinds.static.write(spec)}`,
}

function isKind(prefix: string): prefix is Kind {
  return Object.hasOwn(kinds, prefix)
}

function readStatic(rest: string): Reading<DiscoverySpec & { kind: 'static' }> {
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

function readDns(rest: string): Reading<DiscoverySpec & { kind: 'dns' }> {
  const reading = address({ leastPort: 1 }).read(rest.trim())
  if ('must' in reading) return { must: `be dns:NAME:PORT, and "${rest}" must ${reading.must}` }
  const { host: name, port } = reading.value
  if (isIP(name) !== 0)
    return { must: `ask DNS for a name, and ${name} is an address (static:${formatAddress(reading.value)})` }
  return { value: { kind: 'dns', name, port } }
}

function formatName({ name, port }: { name: string; port: number }): string {
  return `${name}:${port}`
}
