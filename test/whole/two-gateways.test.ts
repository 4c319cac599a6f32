import t from 'tap'
import { startCluster } from './support/cluster.ts'
import { prepareGateway } from './support/gateway.ts'
import { execute, LabClient } from './support/lab-client.ts'
import { idsOf, Rest, sizes } from './support/rest.ts'
import { until } from './support/until.ts'

/** Two gateways that know nothing of each other, before the same servers. A list of one is up to a second old. */
const cluster = await startCluster(t, { flags: ['--slow-start=0s', '--list-max-age=0s'] })
const { rest: first, behind, run, token, servers, gateway } = cluster
const backends = servers.map(({ port }) => port)
const flags = ['--slow-start=0s', '--list-max-age=0s']
const plan = { part: 'second-gateway', tls: 'off', baseUrl: '/', token, backends, flags } as const
const other = await prepareGateway(run, plan)
await other.start()
const second = new Rest(other.url, token)
const both = [first, second]
const labOf = (url: string) => new LabClient({ ...cluster, url }).ready()
t.afterEach(() => first.clear())

t.test('notebooks opened at once through both have one session and one kernel each', async (t) => {
  const paths = Array.from({ length: 12 }, (_, i) => `at-once-${i}.ipynb`)
  const opened = await Promise.all(paths.flatMap((path) => [...both, ...both].map((rest) => rest.newSession(path))))
  t.equal(new Set(opened.map(({ id }) => id)).size, paths.length)
  const there = (await Promise.all(behind.map((server) => server.sessions()))).flat()
  t.strictSame(idsOf(there), [...new Set(opened.map(({ id }) => id))].sort())
  t.equal((await Promise.all(behind.map((server) => server.kernels()))).flat().length, paths.length)
  const [a, b] = await sizes(behind, (server) => server.kernels())
  t.ok(Math.abs(a - b) <= 2, `spread over the servers: ${a} and ${b}`)
})

t.test('what is made through one is listed, reached and ended through the other', async (t) => {
  const session = await first.newSession('one.ipynb')
  const terminal = await second.newTerminal()
  for (const rest of both) {
    t.strictSame(idsOf(await rest.sessions()), [session.id])
    t.equal((await rest.ask('GET', `api/kernels/${session.kernel.id}`)).status, 200)
    t.equal((await rest.ask('GET', `api/terminals/${terminal.name}`)).status, 200)
  }
  t.equal((await second.ask('DELETE', `api/sessions/${session.id}`)).status, 204)
  t.equal((await first.ask('DELETE', `api/terminals/${terminal.name}`)).status, 204)
  for (const rest of both) {
    t.strictSame(await rest.sessions(), [])
    t.strictSame(await rest.terminals(), [])
    t.equal((await rest.ask('GET', `api/kernels/${session.kernel.id}`)).status, 404)
  }
})

t.test('a session that was moved through one keeps its id through the other', async (t) => {
  const sessions = [await first.newSession('left.ipynb'), await first.newSession('right.ipynb')] as const
  t.strictSame(await sizes(behind, (server) => server.sessions()), [1, 1])
  const [left, right] = sessions
  const kernel = { id: right.kernel.id }
  t.equal((await first.ask('PATCH', `api/sessions/${left.id}`, { kernel })).status, 200)
  for (const rest of both) {
    t.match(await rest.get('GET', `api/sessions/${left.id}`), { id: left.id, kernel, name: 'left.ipynb' })
    t.strictSame(idsOf(await rest.sessions()), idsOf(sessions))
  }
  t.equal((await second.ask('PATCH', `api/sessions/${left.id}`, { name: 'renamed' })).status, 200)
  t.match(await first.get('GET', `api/sessions/${left.id}`), { id: left.id, name: 'renamed' })
})

t.test('clients of both work in one kernel, and go on when one gateway is killed', async (t) => {
  const labs = [await labOf(cluster.url), await labOf(other.url)] as const
  t.teardown(() => {
    for (const lab of labs) lab.dispose()
  })
  const mine = await labs[0].openNotebook('shared.ipynb')
  t.equal(await execute(mine.kernel, 'x = 42'), '')
  const theirs = await labs[1].openNotebook('shared.ipynb')
  t.equal(theirs.id, mine.id)
  t.equal(await execute(theirs.kernel, 'x'), '42')
  await gateway.kill()
  t.equal(await execute(theirs.kernel, 'x + 1'), '43')
  await gateway.start()
  await until('the first is connected again', () => mine.kernel?.connectionStatus === 'connected')
  t.equal(await execute(mine.kernel, 'x + 2'), '44')
})
