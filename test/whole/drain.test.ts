import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { WebSocket } from 'ws'
import { formatAddress } from '../../gateway/config/forms/address.ts'
import { answers, DnsServer, refuses } from '../fakes/dns-server.ts'
import { backendsOf, startCluster } from './support/cluster.ts'
import { KernelSocket } from './support/kernel-socket.ts'
import { addressOf, relay } from './support/relay.ts'
import { idsOf } from './support/rest.ts'
import { until } from './support/until.ts'

const both = [addressOf(0), addressOf(1)]
const dns = await DnsServer.start(t, answers({ A: both }))
let port = 0
const cluster = await startCluster(t, {
  discovery: async (ports) => {
    port = await relay(t, ports)
    return `dns:tasks.jupyter:${port}`
  },
  flags: [
    `--dns-server=${formatAddress(dns.address)}`,
    `--state=${join(t.testdir({}), 'backends.json')}`,
    '--forget-after=1s',
    '--slow-start=0s',
    '--probe-every=500ms',
  ],
})
const { rest, behind, gateway } = cluster
const [first, second] = behind
if (!first || !second) throw new Error('there are not two')
const key = `${addressOf(0)}:${port}`
const workers = Number(process.env.PYLI_TEST_WORKERS ?? 1)

const stateOf = async (address = key) => (await backendsOf(cluster)).find((one) => one.address === address)?.state
const areReady = async () => (await backendsOf(cluster)).filter(({ state }) => state === 'ready').length === 2
/** Every worker finds out for itself, and says so in the log. */
const saidBy = (state: string) =>
  gateway.log.split('\n').filter((line) => line.includes(`backend is ${state}`) && line.includes(key)).length
const newsOf = async (state: string, cause: () => unknown) => {
  const before = saidBy(state)
  await cause()
  await until(`every worker knows that it is ${state}`, () => saidBy(state) >= before + workers)
}

/** A kernel on the first server, as a client would get it. */
async function kernelOnFirst(): Promise<string> {
  const { id } = (await first?.newKernel()) ?? { id: '' }
  await until('the gateway lists it', async () => idsOf(await rest.kernels()).includes(id))
  return id
}

async function answerOf(socket: KernelSocket, code: string): Promise<string> {
  const cell = socket.execute(code)
  await socket.ends(cell)
  return socket.printed(cell)
}

/** As each page of JupyterLab does. */
async function subscribe(): Promise<WebSocket> {
  const address = new URL(`api/events/subscribe?token=${cluster.token}`, cluster.url)
  address.protocol = 'ws:'
  const socket = new WebSocket(address)
  await once(socket, 'open')
  return socket
}

t.before(() => until('both are ready', areReady))

t.test('the servers are found by their name', async (t) => {
  t.same(
    (await backendsOf(cluster)).map(({ address }) => address).sort(),
    both.map((host) => `${host}:${port}`),
  )
})

t.test('a server that leaves DNS keeps its kernels, whole and reachable, until they end', async (t) => {
  const kernel = await kernelOnFirst()
  const open = await KernelSocket.open(cluster, kernel, 'open-before')
  t.equal(await answerOf(open, 'x = 6; print(x)'), '6\n')

  const pages = await Promise.all([subscribe(), subscribe(), subscribe(), subscribe()])
  await newsOf('draining', () => {
    dns.script = answers({ A: both.slice(1) })
  })
  t.match((await backendsOf(cluster)).find(({ address }) => address === key)?.reason, /discovery does not name it/)
  t.equal((await fetch(`${gateway.adminUrl}/readyz`)).status, 200)

  t.equal(await answerOf(open, 'print(x * 7)'), '42\n', 'over the WebSocket that was open')
  const later = await KernelSocket.open(cluster, kernel, 'opened-later')
  t.equal(await answerOf(later, 'print(x + 1)'), '7\n', 'and over a new one')
  t.equal((await rest.ask('GET', `api/kernels/${kernel}`)).status, 200)

  const newcomers = [await rest.newKernel(), await rest.newKernel()]
  t.same(idsOf(await second.kernels()), idsOf(newcomers), 'new kernels go to the other')
  t.same(idsOf(await rest.kernels()), [kernel, ...idsOf(newcomers)].sort(), 'and the list is whole')

  dns.script = refuses('NXDOMAIN')
  t.equal(await answerOf(later, 'print(x + 2)'), '8\n', 'while DNS knows nothing all stays as it is')

  dns.script = answers({ A: both.slice(1) })
  t.equal((await rest.ask('DELETE', `api/kernels/${kernel}`)).status, 204)
  await until('the first has nothing', async () => (await first.kernels()).length === 0)
  t.equal(await stateOf(), 'draining', 'as long as a WebSocket is open')
  await open.close()
  await later.close()
  await until('it is forgotten, whoever listens to events', async () => (await stateOf()) === undefined)
  for (const page of pages) page.terminate()
  t.same(idsOf(await rest.kernels()), idsOf(newcomers))

  // As soon as DNS names it again it serves newcomers as well.
  await newsOf('ready', () => {
    dns.script = answers({ A: both })
  })
  await rest.clear()
})

t.test('a gateway that is started again still knows a server that has left DNS', async (t) => {
  const kernel = await kernelOnFirst()
  await newsOf('draining', () => {
    dns.script = answers({ A: both.slice(1) })
  })
  await gateway.kill()
  await gateway.start()
  t.same(idsOf(await rest.kernels()), [kernel])
  const socket = await KernelSocket.open(cluster, kernel, 'after-restart')
  t.equal(await answerOf(socket, 'print(6 * 7)'), '42\n')
  await socket.close()
  const { id } = await rest.newKernel()
  t.same(idsOf(await second.kernels()), [id], 'though it has less to do')
  await newsOf('ready', () => {
    dns.script = answers({ A: both })
  })
  await rest.clear()
})

t.test('an operator drains a server and restores it', async (t) => {
  const kernel = await kernelOnFirst()
  const say = (verb: string) => fetch(`${gateway.adminUrl}/backends/${key}/${verb}`, { method: 'POST' })
  t.equal((await say('drain')).status, 200)
  const newcomers = [await rest.newKernel(), await rest.newKernel(), await rest.newKernel()]
  t.same(idsOf(await second.kernels()), idsOf(newcomers), 'from this moment, in every worker')
  t.equal((await rest.ask('GET', `api/kernels/${kernel}`)).status, 200)

  await gateway.kill()
  await gateway.start()
  await until('its state is known', async () => (await stateOf()) === 'draining')
  await newsOf('ready', () => say('restore'))
  const { id } = await rest.newKernel()
  t.ok(idsOf(await first.kernels()).includes(id))
  await rest.clear()
})
