import t from 'tap'
import { quiet, startCluster } from './support/cluster.ts'
import { unevenness } from './support/gateway.ts'
import { execute, LabClient, openOnBoth } from './support/lab-client.ts'
import { idsOf, type KernelModel, type SessionModel } from './support/rest.ts'
import { until } from './support/until.ts'

const cluster = await startCluster(t)
const { rest, behind } = cluster
const lab = await new LabClient(cluster).ready()
t.teardown(() => lab.dispose())
t.afterEach(() => rest.clear())
t.beforeEach(() => quiet(cluster))

t.test('kernels spread over the servers, and the list has each of them once', async (t) => {
  const made: KernelModel[] = []
  for (let count = 0; count < 4; count++) made.push(await rest.newKernel())
  const perServer = await Promise.all(behind.map((server) => server.kernels()))
  t.strictSame(idsOf(await rest.kernels()), idsOf(made))
  for (const kernels of perServer) t.ok(Math.abs(kernels.length - 2) <= unevenness, `${kernels.length} of 4`)
  t.strictSame(idsOf(perServer.flat()), idsOf(made))
})

t.test('sessions spread over the servers, and the list has each of them once', async (t) => {
  const made: SessionModel[] = []
  for (const name of ['a', 'b', 'c', 'd']) made.push(await rest.newSession(`${name}.ipynb`))
  const perServer = await Promise.all(behind.map((server) => server.sessions()))
  t.strictSame(idsOf(await rest.sessions()), idsOf(made))
  for (const sessions of perServer) t.ok(Math.abs(sessions.length - 2) <= unevenness, `${sessions.length} of 4`)
})

t.test('a list shows at once what has just been made and not what has just been ended', async (t) => {
  for (let turn = 0; turn < 3; turn++) {
    const { id } = await rest.newKernel()
    t.ok(idsOf(await rest.kernels()).includes(id))
    t.equal((await rest.ask('DELETE', `api/kernels/${id}`)).status, 204)
    t.notOk(idsOf(await rest.kernels()).includes(id))
  }
})

t.test('every kernel is reached by each client, whoever made it', async (t) => {
  const other = await new LabClient(cluster).ready()
  t.teardown(() => other.dispose())
  for (let count = 0; count < 4; count++) {
    const { id, name } = await rest.newKernel()
    const here = lab.kernels.connectTo({ model: { id, name } })
    const there = other.kernels.connectTo({ model: { id, name } })
    t.equal(await execute(here, 'secret = 6 * 7; secret'), '42')
    t.equal(await execute(there, 'secret'), '42')
    here.dispose()
    there.dispose()
  }
})

t.test('a kernel is interrupted, restarted, renamed and ended on whichever server it runs', async (t) => {
  const sessions = await openOnBoth(lab, behind, ['one.ipynb', 'two.ipynb'])
  for (const session of sessions) {
    const kernel = session.kernel
    if (kernel === null) throw new Error('no kernel')
    await execute(kernel, 'x = 1')
    const endless = kernel.requestExecute({ code: 'import time\nwhile True: time.sleep(0.1)' })
    await until('busy', () => kernel.status === 'busy')
    await kernel.interrupt()
    t.equal((await endless.done).content.status, 'error')

    const { id } = kernel
    await kernel.restart()
    t.equal(await execute(kernel, "'x' in globals()"), 'False')
    t.equal(session.kernel?.id, id)

    const renamed = `renamed-${session.path}`
    await session.setPath(renamed)
    await session.setName(renamed)
    t.match(
      (await rest.sessions()).find((model) => model.id === session.id),
      { path: renamed, name: renamed },
    )
    // A list that JupyterLab asked for before may arrive after; it asks again.
    await until('the client knows', () => session.path === renamed && session.name === renamed)
    t.equal((await rest.ask('GET', `api/sessions/${session.id}`)).status, 200)

    await session.shutdown()
    t.equal((await rest.ask('GET', `api/sessions/${session.id}`)).status, 404)
    t.equal((await rest.ask('GET', `api/kernels/${id}`)).status, 404)
  }
  t.strictSame(await rest.kernels(), [])
})

t.test('the status counts the kernels of all servers', async (t) => {
  for (let count = 0; count < 3; count++) await rest.newKernel()
  const status = await rest.get<{ kernels: number; started: string; last_activity: string }>('GET', 'api/status')
  t.equal(status.kernels, 3)
  const each = await Promise.all(behind.map((server) => server.get<{ started: string }>('GET', 'api/status')))
  t.equal(status.started, each.map(({ started }) => started).sort()[0])
})

t.test('what nobody knows is answered as one server answers it', async (t) => {
  const unknown = crypto.randomUUID()
  for (const path of [`api/kernels/${unknown}`, `api/sessions/${unknown}`, 'api/terminals/unknown']) {
    t.equal((await rest.ask('GET', path)).status, 404, path)
    t.equal((await rest.ask('DELETE', path)).status, 404, path)
  }
  for (const action of ['interrupt', 'restart']) {
    const path = `api/kernels/${unknown}/${action}`
    const wanted = await Promise.all(behind.map((server) => server.ask('POST', path)))
    t.equal((await rest.ask('POST', path)).status, wanted[0]?.status, action)
  }
})

t.test('a session for a kernel of any server joins that kernel', async (t) => {
  for (let count = 0; count < 4; count++) {
    const { id } = await rest.newKernel()
    const path = `console-${count}`
    const session = await rest.get<SessionModel>('POST', 'api/sessions', {
      path,
      type: 'console',
      name: path,
      kernel: { id },
    })
    t.equal(session.kernel.id, id)
  }
  t.equal((await rest.kernels()).length, 4)
  t.equal((await Promise.all(behind.map((server) => server.kernels()))).flat().length, 4)
})
