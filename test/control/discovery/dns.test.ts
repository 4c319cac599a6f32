import { execFileSync } from 'node:child_process'
import { Resolver } from 'node:dns/promises'
import { closeSync, constants, open, openSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { formatAddress } from '../../../gateway/config/forms/address.ts'
import { dnsDiscovery } from '../../../gateway/control/discovery/dns.ts'
import { answers, DnsServer, refuses, reply, type Script, truncates } from '../../fakes/dns-server.ts'

const { signal } = new AbortController()
const name = 'tasks.jupyter'
const good = '10.0.0.2'
/** Short where silence is waited for, long where a wait would be a failure. */
const [short, long] = [300, 30_000]

interface Setting {
  readonly patience?: number
  readonly name?: string
}

/** What a gateway learns whose DNS servers, in this order, follow these scripts. */
async function setUp(t: Test, scripts: readonly Script[], { patience = long, name: asked = name }: Setting = {}) {
  const servers: DnsServer[] = []
  for (const script of scripts) servers.push(await DnsServer.start(t, script))
  const addresses = servers.map(({ address }) => formatAddress(address))
  const discovery = dnsDiscovery({ name: asked, port: 8888, servers: addresses, patience })
  const hosts = async () => (await discovery.addresses(signal)).map(({ host }) => host)
  return { servers, hosts }
}

t.test('an answer too long for UDP comes whole', async (t) => {
  const sixty = Array.from({ length: 60 }, (_, i) => `10.0.1.${i + 1}`)
  for (const script of [answers, truncates]) {
    const { hosts, servers } = await setUp(t, [script({ A: sixty })])
    t.same(new Set(await hosts()), new Set(sixty))
    t.ok(servers[0]?.asked.some(({ via }) => via === 'tcp'))
  }
})

t.test('every question is asked anew, whatever time to live the last answer had', async (t) => {
  const { hosts, servers } = await setUp(t, [answers({ A: [good] })])
  t.same(await hosts(), [good])
  if (servers[0]) servers[0].script = answers({ A: ['10.0.0.3'] })
  t.same(await hosts(), ['10.0.0.3'])
})

t.test('a name that does not exist, has no address, or is not told of, is unknown', async (t) => {
  for (const script of [refuses('NXDOMAIN'), answers({}), refuses('SERVFAIL'), refuses('REFUSED'), refuses('FORMERR')])
    await t.rejects((await setUp(t, [script])).hosts())
  await t.rejects((await setUp(t, [refuses('NXDOMAIN')])).hosts(), { message: `${name} has no address now` })
  await t.rejects((await setUp(t, [refuses('SERVFAIL')])).hosts(), { message: /says ESERVFAIL$/ })
})

t.test('silence is unknown, as soon as the patience ends', async (t) => {
  const { hosts } = await setUp(t, [() => []], { patience: short })
  await t.rejects(hosts(), { message: /is silent$/ })
})

t.test('without any DNS server the name is unknown', async (t) => {
  await t.rejects((await setUp(t, [])).hosts(), { message: /there is no DNS server/ })
})

t.test('an answer to another question, or to nobody’s, is not believed', async (t) => {
  const forged = ['6.6.6.6']
  const lies: Script[] = [
    (query) => [reply(query, forged, { id: ((query.id ?? 0) + 1) & 0xffff })],
    (query) => [reply(query, forged, { name: 'evil.example' })],
  ]
  for (const lie of lies) {
    await t.rejects((await setUp(t, [lie], { patience: short })).hosts())
    const thenTruth: Script = (query, asked) => [...lie(query, asked), ...answers({ A: [good] })(query, asked)]
    t.same(await (await setUp(t, [thenTruth])).hosts(), [good], 'and the true one that follows is')
  }
})

t.test('garbage is unknown, and harms nothing', async (t) => {
  const cut: Script = (query) => [reply(query, [good]).subarray(0, -2)]
  const noise: Script = () => [Buffer.from('garbage')]
  const nothing: Script = () => [Buffer.alloc(0)]
  for (const script of [cut, noise, nothing]) await t.rejects((await setUp(t, [script], { patience: short })).hosts())
})

t.test('a name is the same in any letters', async (t) => {
  const { hosts } = await setUp(t, [(query) => [reply(query, [good], { name: 'TASKS.Jupyter' })]])
  t.same(await hosts(), [good])
})

t.test('addresses at which no server can be are dropped, and if no other is left it is unknown', async (t) => {
  const bad = ['0.0.0.0', '0.1.2.3', '224.0.0.1', '239.255.255.250', '255.255.255.255', '240.0.0.1']
  const bad6 = ['::', 'ff02::1', 'fe80::1', '::ffff:10.0.0.9']
  t.same(await (await setUp(t, [answers({ A: [...bad, good] })])).hosts(), [good])
  t.same(await (await setUp(t, [answers({ AAAA: [...bad6, 'fd00::2'] })])).hosts(), ['fd00::2'])
  await t.rejects((await setUp(t, [answers({ A: bad, AAAA: bad6 })])).hosts())
})

t.test('an address that is there twice is one', async (t) => {
  t.same(await (await setUp(t, [answers({ A: [good, good] })])).hosts(), [good])
})

t.test('a server that has an address of either kind is one backend', async (t) => {
  t.same(await (await setUp(t, [answers({ A: [good], AAAA: ['fd00::2'] })])).hosts(), [good])
})

t.test('a DNS server that knows nothing of IPv6 does not hold up the rest', async (t) => {
  const four = answers({ A: [good] })
  const { hosts } = await setUp(t, [(query, asked) => (asked.type === 'AAAA' ? [] : four(query, asked))])
  t.same(await hosts(), [good])
})

t.test('of several servers the first that answers counts', async (t) => {
  const { hosts, servers } = await setUp(t, [answers({ A: [good] }), answers({ A: ['6.6.6.6'] })])
  t.same(await hosts(), [good])
  t.equal(servers[1]?.asked.length, 0, 'and the next is not asked')
})

t.test('the next one is asked when one refuses, cannot be read or is silent', async (t) => {
  for (const script of [refuses('SERVFAIL'), refuses('REFUSED'), (() => [Buffer.from('x')]) as Script])
    t.same(await (await setUp(t, [script, answers({ A: [good] })])).hosts(), [good])
  const { hosts } = await setUp(t, [() => [], () => [], answers({ A: [good] })], { patience: 1_500 })
  t.same(await hosts(), [good])
})

t.test('one where nobody listens does not cost the answer of the next', async (t) => {
  const { hosts, servers } = await setUp(t, [answers({}), answers({ A: [good] })])
  servers[0]?.close()
  t.same(await hosts(), [good])
})

t.test('that there is no such name is an answer: the next server is not asked for another opinion', async (t) => {
  const { hosts, servers } = await setUp(t, [refuses('NXDOMAIN'), answers({ A: ['6.6.6.6'] })])
  await t.rejects(hosts())
  t.equal(servers[1]?.asked.length, 0)
})

t.test('neither /etc/hosts nor the threads of libuv are needed', async (t) => {
  const fifo = join(t.testdir({}), 'fifo')
  execFileSync('mkfifo', [fifo])
  // To open it for reading waits for a writer, in a thread of the pool: with so many none is left.
  const opened = Array.from({ length: 16 }, () => {
    return new Promise<number>((resolve, reject) =>
      open(fifo, 'r', (error, fd) => (error ? reject(error) : resolve(fd))),
    )
  })
  const { hosts } = await setUp(t, [answers({ A: [good] })], { name: 'localhost' })
  t.same(await hosts(), [good], 'not 127.0.0.1, which /etc/hosts says')
  const writer = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK)
  for (const fd of await Promise.all(opened)) closeSync(fd)
  closeSync(writer)
})

t.test('without --dns-server the system’s own are asked', async (t) => {
  const setServers = t.capture(Resolver.prototype, 'setServers', Resolver.prototype.setServers)
  t.intercept(Resolver.prototype, 'getServers', { value: () => ['127.0.0.1:9'] })
  await t.rejects(dnsDiscovery({ name, port: 1, patience: short }).addresses(signal), { message: /127\.0\.0\.1:9/ })
  t.same(setServers()[0]?.args, [['127.0.0.1:9']])
})
