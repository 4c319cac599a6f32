import t from 'tap'
import { minutes } from '../../gateway/config/units.ts'
import { startCluster } from './support/cluster.ts'
import { execute, gather, LabClient } from './support/lab-client.ts'
import { idsOf, sizes } from './support/rest.ts'
import { until, within } from './support/until.ts'

const cluster = await startCluster(t, { tls: 'self-signed' })
const { rest, behind, gateway } = cluster
t.afterEach(() => rest.clear())

const counting = (to: number) =>
  `import time\nfor i in range(${to}):\n  print(i, flush=True)\n  time.sleep(1)\n'the end'`

t.test('a gateway killed while cells print and started again: the clients return and hear the end', async (t) => {
  t.setTimeout(minutes(3))
  const lab = await new LabClient(cluster).ready()
  t.teardown(() => lab.dispose())
  const sessions = [await lab.openNotebook('one.ipynb'), await lab.openNotebook('two.ipynb')]
  t.strictSame(await sizes(behind, (server) => server.sessions()), [1, 1], 'one on each server')

  const cells = sessions.map(({ kernel }) => {
    if (kernel === null) throw new Error('no kernel')
    const future = kernel.requestExecute({ code: counting(10) })
    return { future, printed: gather(future) }
  })
  await until('they print', () => cells.every(({ printed }) => printed.text.includes('2\n')))
  await gateway.kill()
  await gateway.start()

  await within('the ends', Promise.all(cells.map(({ future }) => future.done)), minutes(2))
  for (const { printed } of cells) t.match(printed.text, /9\n'the end'$/)
  for (const session of sessions) {
    t.notOk(session.isDisposed)
    t.equal(await execute(session.kernel, '6 * 7'), '42')
  }
})

t.test('a gateway that has just been started knows every kernel, session and terminal at once', async (t) => {
  const sessions = [await rest.newSession('three.ipynb'), await rest.newSession('four.ipynb')]
  const terminals = [await rest.newTerminal(), await rest.newTerminal()]
  for (let turn = 0; turn < 3; turn++) {
    await gateway.kill()
    await gateway.start()
    t.strictSame(idsOf(await rest.sessions()), idsOf(sessions))
    t.strictSame(idsOf(await rest.kernels()), idsOf(sessions.map(({ kernel }) => kernel)))
    for (const { kernel } of sessions) t.equal((await rest.ask('GET', `api/kernels/${kernel.id}`)).status, 200)
    for (const { name } of terminals) t.equal((await rest.ask('GET', `api/terminals/${name}`)).status, 200)
    t.equal((await rest.newSession('three.ipynb')).id, sessions[0]?.id, 'and opens no notebook twice')
  }
})

t.test('a gateway that is asked to end is gone soon, and its clients are not told to stay away', async (t) => {
  const lab = await new LabClient(cluster).ready()
  t.teardown(() => lab.dispose())
  const session = await lab.openNotebook('five.ipynb')
  t.equal(await execute(session.kernel, 'x = 42'), '')
  await gateway.stop()
  await until('the loss is seen', () => session.kernel?.connectionStatus !== 'connected')
  await gateway.start()
  await until('the kernel is connected again', () => session.kernel?.connectionStatus === 'connected', minutes(2))
  t.equal(await execute(session.kernel, 'x'), '42')
})
