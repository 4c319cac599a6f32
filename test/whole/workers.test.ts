import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:tls'
import t from 'tap'
import { signal } from '../../provisioner/local/processes.ts'
import { startCluster } from './support/cluster.ts'
import { execute, LabClient } from './support/lab-client.ts'
import { idsOf } from './support/rest.ts'
import { until } from './support/until.ts'

const WORKERS = 3

const cluster = await startCluster(t, { tls: 'self-signed', flags: [`--workers=${WORKERS}`, '--slow-start=0s'] })
const { rest, behind, gateway } = cluster
t.afterEach(() => rest.clear())

const parentOf = (pid: number) =>
  Number(
    readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/.*\) \S /, '')
      .split(' ')[0],
  )
/** The processes that the primary has forked. */
const workers = () => gateway.processes.filter((pid) => gateway.processes.includes(parentOf(pid)))
const overview = async () =>
  (await (await fetch(`${gateway.adminUrl}/backends`)).json()) as { workers: number; webSockets: number }

/** A TLS connection that is left open, and which has said nothing. */
async function connected(session?: Buffer) {
  const socket = connect({
    port: gateway.port,
    host: '127.0.0.1',
    servername: 'localhost',
    ...(session && { session }),
  })
  t.teardown(() => socket.destroy())
  const ticket = once(socket, 'session') as Promise<[Buffer]>
  ticket.catch(() => {})
  await once(socket, 'secureConnect')
  return { socket, ticket }
}

t.test('operators are answered for all workers together', async (t) => {
  t.equal(workers().length, WORKERS)
  t.equal((await overview()).workers, WORKERS)
  const labs = await Promise.all([1, 2, 3, 4].map(() => new LabClient(cluster).ready()))
  const sessions = await Promise.all(labs.map((lab, i) => lab.openNotebook(`${i}.ipynb`)))
  await Promise.all(sessions.map((session) => execute(session.kernel, '1')))
  await until('all sockets are counted', async () => (await overview()).webSockets >= 4)
  for (const lab of labs) lab.dispose()
})

t.test('a TLS session that began with one worker is resumed by every other', async (t) => {
  const first = await connected()
  const [session] = await first.ticket
  // One after the other they are handed to each worker in turn.
  for (let count = 0; count < 2 * WORKERS; count++) {
    const { socket } = await connected(session)
    t.ok(socket.isSessionReused(), `connection ${count}`)
    socket.destroy()
  }
})

t.test('what one worker learns the others know when the next request comes', async (t) => {
  for (let turn = 0; turn < 5; turn++) {
    const kernels = await Promise.all([1, 2, 3].map(() => rest.newKernel()))
    t.strictSame(idsOf(await rest.kernels()), idsOf(kernels))
    await Promise.all(kernels.map(({ id }) => rest.ask('DELETE', `api/kernels/${id}`)))
    t.strictSame(await rest.kernels(), [])
  }
})

t.test('a worker that is killed is replaced, and nobody else notices', async (t) => {
  const labs = await Promise.all([1, 2, 3, 4, 5, 6].map(() => new LabClient(cluster).ready()))
  t.teardown(() => {
    for (const lab of labs) lab.dispose()
  })
  const sessions = await Promise.all(labs.map((lab, i) => lab.openNotebook(`${i}.ipynb`)))
  const losses = sessions.map(({ kernel }) => {
    let lost = 0
    kernel?.connectionStatusChanged.connect((_, status) => {
      if (status !== 'connected') lost++
    })
    return () => lost
  })
  await Promise.all(sessions.map((session, i) => execute(session.kernel, `x = ${i}`)))
  const [victim] = workers()
  if (victim === undefined) throw new Error('there are no workers')
  signal([victim], 'SIGKILL')
  await until('it is replaced', async () => workers().length === WORKERS && !workers().includes(victim))
  await until('the new one serves', async () => (await overview()).workers === WORKERS)
  await until('all are connected', () => sessions.every(({ kernel }) => kernel?.connectionStatus === 'connected'))
  for (const [i, { kernel }] of sessions.entries()) t.equal(await execute(kernel, 'x'), String(i), 'no kernel is lost')
  t.ok(losses.filter((lost) => lost() === 0).length >= 3, 'the sockets of the others never blinked')
  t.equal((await Promise.all(behind.map((server) => server.kernels()))).flat().length, sessions.length)
})

t.test('one that hangs is waited for once: operators and load balancers are told by the others', async (t) => {
  const [victim] = workers()
  if (victim === undefined) throw new Error('there are no workers')
  signal([victim], 'SIGSTOP')
  for (let turn = 0; turn < 5; turn++) {
    // A load balancer gives up after some seconds.
    const answer = await fetch(`${gateway.adminUrl}/readyz`, { signal: AbortSignal.timeout(10_000) })
    t.equal(answer.status, 200)
  }
  t.equal((await overview()).workers, WORKERS - 1)
  signal([victim], 'SIGCONT')
  await until('it is asked again', async () => (await overview()).workers === WORKERS)
})

t.test('a connection on its way to a worker that dies is ended, and its client can come again', async (t) => {
  const all = workers()
  signal(all, 'SIGSTOP')
  const sockets = all
    .flatMap(() => [1, 2])
    .map(() => connect({ port: gateway.port, host: '127.0.0.1', servername: 'localhost' }))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
  })
  const ends = sockets.map((socket) =>
    Promise.race([once(socket, 'secureConnect').then(() => 'served'), once(socket, 'close').then(() => 'ended')]).catch(
      () => 'ended',
    ),
  )
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  await overview() // the primary has handed over what came before
  // Not all: without a worker that listens there is no port.
  const [survivor = 0, ...others] = all
  signal(others, 'SIGKILL')
  signal([survivor], 'SIGCONT')
  const how = await Promise.all(ends)
  t.ok(how.includes('ended'), 'those that a worker had been given')
  t.ok(how.includes('served'), 'those that waited for one')
  await until('all serve', async () => (await overview()).workers === WORKERS)
})

t.test('asked to end, all of them end', async (t) => {
  const all = gateway.processes
  t.equal(all.length, WORKERS + 1)
  await gateway.stop()
  t.strictSame(gateway.processes, [])
  await gateway.start()
})

t.test('when the primary is killed its workers end, and the port is free', async (t) => {
  const primary = gateway.processes.find((pid) => workers().some((worker) => parentOf(worker) === pid))
  if (primary === undefined) throw new Error('there is no primary')
  signal([primary], 'SIGKILL')
  await until('all have ended', () => gateway.processes.length === 0)
  await gateway.kill().catch(() => {})
  await gateway.start()
  t.equal((await rest.ask('GET', 'api/status')).status, 200)
})
