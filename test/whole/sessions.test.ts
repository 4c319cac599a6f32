import { mkdir } from 'node:fs/promises'
import t from 'tap'
import { minutes } from '../../gateway/config/units.ts'
import { quiet, startCluster } from './support/cluster.ts'
import { execute, LabClient } from './support/lab-client.ts'
import { idsOf, Rest, type SessionModel, sizes } from './support/rest.ts'
import { within } from './support/until.ts'

const CLIENTS = 10
const PATHS = 10
const OPENED = 50

// Fifty kernels that start keep a server busy for seconds: newcomers would avoid one that is late with its probes.
const cluster = await startCluster(t, { flags: ['--slow-start=0s', '--probe-timeout=15s'] })
const { rest, behind } = cluster
t.afterEach(() => rest.clear())
t.beforeEach(() => quiet(cluster))

t.test('50 sessions opened at once by 10 clients: each path has one session and one kernel', async (t) => {
  const clients = Array.from({ length: CLIENTS }, () => new Rest(cluster.url, cluster.token))
  // As classic notebooks open them, with the real path: each path is asked for by five different clients.
  const opened = await within(
    'all sessions',
    Promise.all(
      Array.from({ length: OPENED }, (_, at) => {
        const client = clients[at % CLIENTS] as Rest
        return client.newSession(`class/notebook-${Math.floor(at / (OPENED / PATHS))}.ipynb`)
      }),
    ),
    minutes(3),
  )

  const byPath = Map.groupBy(opened, ({ path }) => path)
  t.equal(byPath.size, PATHS)
  for (const [path, sessions] of byPath) {
    t.equal(new Set(idsOf(sessions)).size, 1, `${path} has one session`)
    t.equal(new Set(sessions.map(({ kernel }) => kernel.id)).size, 1, `${path} has one kernel`)
  }
  t.strictSame(idsOf(await rest.sessions()), [...new Set(idsOf(opened))])
  t.equal((await rest.kernels()).length, PATHS)

  const [first, second] = await sizes(behind, (server) => server.kernels())
  t.equal(first + second, PATHS, 'no kernel is hidden')
  t.ok(Math.abs(first - second) <= 2, `spread evenly: ${first} and ${second}`)
})

t.test('50 different notebooks opened at once are spread evenly over the servers', async (t) => {
  const opened = await within(
    'all sessions',
    Promise.all(Array.from({ length: OPENED }, (_, at) => rest.newSession(`many/notebook-${at}.ipynb`))),
    minutes(4),
  )
  t.equal(new Set(idsOf(opened)).size, OPENED)
  const [first, second] = await sizes(behind, (server) => server.sessions())
  t.equal(first + second, OPENED)
  t.ok(Math.abs(first - second) <= 2, `spread evenly: ${first} and ${second}`)
})

t.test('JupyterLab and a classic notebook that open one notebook share its session', async (t) => {
  const lab = await new LabClient(cluster).ready()
  t.teardown(() => lab.dispose())
  const first = await lab.openNotebook('shared/both.ipynb')
  const second = await rest.newSession('shared/both.ipynb')
  const third = await lab.openNotebook('shared/both.ipynb')
  t.strictSame([second.id, third.id], [first.id, first.id])
  t.equal(second.kernel.id, first.kernel?.id)
  t.equal((await rest.kernels()).length, 1)
})

t.test('a kernel starts in the folder of its notebook on either server', async (t) => {
  await mkdir(`${cluster.notebooks}/folder`)
  const sessions: SessionModel[] = []
  // Two gateways may both choose the same server first.
  for (
    let isOnBoth = false;
    !isOnBoth;
    isOnBoth = (await sizes(behind, (server) => server.sessions())).every(Boolean)
  ) {
    sessions.push(await rest.newSession(`folder/${sessions.length}.ipynb`))
  }
  const lab = await new LabClient(cluster).ready()
  t.teardown(() => lab.dispose())
  for (const { kernel } of sessions) {
    const connection = lab.kernels.connectTo({ model: kernel })
    t.match(await execute(connection, 'import os; print(os.getcwd())'), /notebooks\/folder$/)
    connection.dispose()
  }
})
