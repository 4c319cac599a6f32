import { createDiscovery } from '../../gateway/control/discovery.ts'
import { discoveryContract } from '../contracts/discovery.ts'
import { answers, DnsServer } from '../fakes/dns-server.ts'

discoveryContract(
  'static',
  async (_, addresses) => ({
    discovery: createDiscovery({ backends: { kind: 'static', addresses }, dnsServers: [] }),
  }),
  { skip: { 'what cannot be told is rejected, and never "nobody"': 'the operator always knows' } },
)

discoveryContract('dns', async (t, addresses) => {
  const server = await DnsServer.start(t, answers({ A: addresses.map(({ host }) => host) }))
  const backends = { kind: 'dns', name: 'tasks.jupyter', port: addresses[0]?.port ?? 0 } as const
  const discovery = createDiscovery({ backends, dnsServers: [server.address] })
  const forget = () => {
    server.script = answers({})
  }
  return { discovery, forget }
})

discoveryContract(
  'dns over IPv6',
  async (t, addresses) => {
    const server = await DnsServer.start(t, answers({ AAAA: addresses.map(({ host }) => host) }))
    const backends = { kind: 'dns', name: 'tasks.jupyter', port: 8888 } as const
    const discovery = createDiscovery({ backends, dnsServers: [server.address] })
    return { discovery, forget: () => server.fallSilent() }
  },
  { network: 'fd00::' },
)
