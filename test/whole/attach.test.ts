import type { Session } from '@jupyterlab/services'
import t, { type Test } from 'tap'
import { quiet, startCluster } from './support/cluster.ts'
import { execute, LabClient, openOnBoth } from './support/lab-client.ts'
import { idsOf, type SessionModel } from './support/rest.ts'
import { until } from './support/until.ts'

const cluster = await startCluster(t, { flags: ['--slow-start=0s'] })
const { rest, behind, gateway } = cluster
t.afterEach(() => rest.clear())
t.beforeEach(() => quiet(cluster))

/** A client with two notebooks, each on a server of its own. */
async function twoNotebooks(
  t: Test,
): Promise<{ lab: LabClient; here: Session.ISessionConnection; there: Session.ISessionConnection }> {
  const lab = await new LabClient(cluster).ready()
  t.teardown(() => lab.dispose())
  const [here, there] = await openOnBoth(lab, behind, ['here.ipynb', 'there.ipynb'])
  return { lab, here, there }
}

const kernelOf = ({ kernel }: Session.ISessionConnection) => {
  if (kernel === null) throw new Error('the session has no kernel')
  return kernel
}

t.test('a notebook takes the kernel of a notebook on the other server', async (t) => {
  const { lab, here, there } = await twoNotebooks(t)
  const left = kernelOf(here).id
  const taken = kernelOf(there).id
  const session = here.id
  await execute(there.kernel, 'shared = 41')

  await here.changeKernel({ id: taken })
  t.equal(here.id, session, 'the session keeps its id')
  t.equal(kernelOf(here).id, taken)
  t.equal(await execute(here.kernel, 'shared += 1; shared'), '42')
  t.equal(await execute(there.kernel, 'shared'), '42')

  await until('the old kernel ends', async () => (await rest.ask('GET', `api/kernels/${left}`)).status === 404)
  t.strictSame(idsOf(await rest.kernels()), [taken])
  t.strictSame(idsOf(await rest.sessions()), [here.id, there.id].sort())
  t.equal((await Promise.all(behind.map((server) => server.kernels()))).flat().length, 1, 'and no other kernel runs')

  await lab.sessions.refreshRunning()
  t.notOk(here.isDisposed, 'JupyterLab keeps the session that it knows')
  const known = await rest.get<SessionModel>('GET', `api/sessions/${session}`)
  t.match(known, { id: session, path: 'here.ipynb', name: 'here.ipynb', kernel: { id: taken } })
})

t.test('after a restart of the gateway such a session is renamed and ended under its id', async (t) => {
  const { here, there } = await twoNotebooks(t)
  const session = here.id
  const taken = kernelOf(there).id
  await here.changeKernel({ id: taken })

  await gateway.kill()
  await gateway.start()

  const known = (await rest.sessions()).find(({ id }) => id === session)
  t.match(known, { path: 'here.ipynb', name: 'here.ipynb', kernel: { id: taken } })
  t.equal((await rest.ask('GET', `api/sessions/${session}`)).status, 200)

  await here.setPath('moved.ipynb')
  await here.setName('moved.ipynb')
  t.match(await rest.get('GET', `api/sessions/${session}`), { id: session, path: 'moved.ipynb', name: 'moved.ipynb' })
  t.match(await rest.newSession('moved.ipynb'), { id: session, kernel: { id: taken } }, 'it is found by its path')
  t.equal(await execute(here.kernel, '6 * 7'), '42')

  await here.changeKernel({ name: 'python3' })
  t.equal(here.id, session)
  t.not(kernelOf(here).id, taken)
  t.equal(await execute(here.kernel, '6 * 7'), '42')

  await here.shutdown()
  t.equal((await rest.ask('GET', `api/sessions/${session}`)).status, 404)
  t.notOk(idsOf(await rest.sessions()).includes(session))
})

t.test('a session goes to the other server and back again', async (t) => {
  const { lab, here, there } = await twoNotebooks(t)
  const session = here.id
  const taken = kernelOf(there).id
  // Until a kernel runs on the server that `here` came from.
  const console = await until('a third kernel on the first server', async () => {
    const kernel = await lab.kernels.startNew({ name: 'python3' })
    const owner = await Promise.all(behind.map(async (server) => idsOf(await server.kernels()).includes(kernel.id)))
    const home = await Promise.all(behind.map(async (server) => idsOf(await server.sessions()).includes(session)))
    return owner.indexOf(true) === home.indexOf(true) && kernel
  })
  await here.changeKernel({ id: taken })
  await here.changeKernel({ id: console.id })
  t.equal(here.id, session)
  t.equal(kernelOf(here).id, console.id)
  t.equal(await execute(here.kernel, '6 * 7'), '42')
  // Jupyter ends the kernel that a session leaves, also when another session uses it.
  await until(
    'the kernel that it left ends',
    async () => (await rest.ask('GET', `api/kernels/${taken}`)).status === 404,
  )
})
