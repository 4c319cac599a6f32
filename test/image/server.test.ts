import { join } from 'node:path'
import t from 'tap'
import { minutes } from '../../gateway/config/units.ts'
import { silent } from '../../provisioner/local/progress.ts'
import { ensurePython } from '../../provisioner/local/python.ts'
import { backendsOf, startCluster } from '../whole/support/cluster.ts'
import { KernelSocket } from '../whole/support/kernel-socket.ts'
import { until } from '../whole/support/until.ts'
import { installPackage, pytest, tellEach } from './pytest.ts'

// The extension's own tests, and then it as the gateway meets it: servers of the image's kind behind a real gateway.

const ROOT = join(import.meta.dirname, '..', '..')
const FOLDER = join(ROOT, 'image', 'jupyter', 'server')
const STATE = join(ROOT, '.pyli', 'server')

t.setTimeout(minutes(15)) // the first time it downloads all that it needs

const requirements = join(FOLDER, 'tests', 'requirements.txt')
const python = await ensurePython({ stateDir: STATE, progress: silent, requirements })
await installPackage(python, FOLDER)
const tests = await pytest(python, FOLDER, {}, join(STATE, 'report.jsonl'))
t.ok(tests.length >= 20, 'pytest found the tests')
tellEach(t, tests)

const flags = ['--probe-path=pyli/ready', '--probe-every=500ms', '--slow-start=0s', '--forget-after=1s']
const cluster = await startCluster(t, { python, flags })
const { rest, servers } = cluster
const [one, two] = servers
if (!one || !two) throw new Error('there are not two')
const keyOf = ({ port }: { readonly port: number }) => `127.0.0.1:${port}`
const stateOf = async (server: { readonly port: number }) =>
  (await backendsOf(cluster)).find(({ address }) => address === keyOf(server))?.state
const startedOn = async (server: { readonly port: number }) => {
  const { id } = await rest.newKernel()
  const [own] = cluster.behind.filter((_, at) => servers[at] === server)
  return { id, isThere: (await own?.kernels())?.some((kernel) => kernel.id === id) }
}

async function print(socket: KernelSocket, code: string): Promise<string> {
  const cell = socket.execute(code)
  await socket.ends(cell)
  return socket.printed(cell)
}

t.test('a server drained by an operator over the gateway says so itself, until it is restored', async (t) => {
  const drain = (verdict: string) =>
    fetch(`${cluster.gateway.adminUrl}/backends/${keyOf(one)}/${verdict}`, { method: 'POST' })
  t.equal((await drain('drain')).status, 200)
  await until(
    'it refuses newcomers',
    async () => (await cluster.behind[0]?.ask('POST', 'api/kernels', {}))?.status === 503,
  )
  for (let i = 0; i < 4; i++) t.match(await startedOn(two), { isThere: true })
  t.equal((await drain('restore')).status, 200)
  await until('it serves again', async () => (await stateOf(one)) === 'ready')
  await rest.clear()
})

t.test('a server that is told to end loses nobody: what runs goes on, what is new goes elsewhere', async (t) => {
  const kernels = [await startedOn(one), await startedOn(one)]
  const { id } = kernels.find(({ isThere }) => isThere) ?? { id: '' }
  t.ok(id, 'one of two is on the first')
  const socket = await KernelSocket.open(cluster, id, 'before')
  t.equal(await print(socket, 'x = 6; print(x)'), '6\n')

  one.leave()
  await until('the gateway knows', async () => (await stateOf(one)) === 'draining')
  t.equal(await print(socket, 'print(x * 7)'), '42\n', 'its WebSocket stays')
  const another = await KernelSocket.open(cluster, id, 'after')
  t.equal(await print(another, 'print(x + 1)'), '7\n', 'and a new one is let through')
  for (let i = 0; i < 3; i++) t.match(await startedOn(two), { isThere: true }, 'newcomers')

  t.equal((await rest.ask('DELETE', `api/kernels/${id}`)).status, 204)
  t.equal(await one.exited, 'exit code 0')
  await until('the gateway knows', async () => (await stateOf(one)) !== 'draining')
  t.equal((await rest.kernels()).length, 4, 'the others live')
})
