import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { seconds } from '../../gateway/config/units.ts'
import { backendsOf, startCluster } from './support/cluster.ts'
import { connected, execute, LabClient } from './support/lab-client.ts'
import { type Answer, idsOf, type KernelModel, type SessionModel } from './support/rest.ts'
import { until } from './support/until.ts'

const GONE_AFTER = seconds(15)

const cluster = await startCluster(t, {
  flags: [`--gone-after=${GONE_AFTER / 1000}s`, '--hold-for=1s', '--probe-every=500ms', '--slow-start=0s'],
})
const { rest, behind, servers } = cluster
const lab = await new LabClient(cluster).ready()
t.teardown(() => lab.dispose())

const paths = ['a', 'b', 'c', 'd'].map((name) => `${name}.ipynb`)
for (const path of paths) await rest.newSession(path)
const [doomed = [], living = []] = await Promise.all(behind.map((server) => server.sessions()))
const kernelOf = ({ kernel }: SessionModel) => kernel.id
const all = [...doomed, ...living]

interface Seen {
  readonly at: number
  readonly path: string
  readonly answer: Answer
}

/** Asks every 100 ms, as many impatient clients would: the next question does not wait for the last answer. */
class Watcher {
  readonly seen: Seen[] = []
  readonly #under: Promise<void>[] = []
  readonly #stop = new AbortController()
  readonly #asking: Promise<void>

  constructor(paths: readonly string[]) {
    this.#asking = this.#ask(paths)
  }

  async #ask(paths: readonly string[]): Promise<void> {
    while (!this.#stop.signal.aborted) {
      for (const path of paths) this.#under.push(this.#one(path))
      await sleep(100)
    }
  }

  async #one(path: string): Promise<void> {
    const at = Date.now()
    this.seen.push({ at, path, answer: await rest.ask('GET', path) })
  }

  async stop(): Promise<readonly Seen[]> {
    this.#stop.abort()
    await this.#asking
    await Promise.all(this.#under)
    return this.seen
  }
}

const isDead = async () => (await backendsOf(cluster)).some(({ state }) => state !== 'ready')
const areAllReady = async () => (await backendsOf(cluster)).every(({ state }) => state === 'ready')
const living1 = `api/kernels/${kernelOf(living[0] as SessionModel)}`
const doomed1 = `api/kernels/${kernelOf(doomed[0] as SessionModel)}`

/** Of the answers to the lists: those that are not 200 or lack one of these kernels. */
function blinks(seen: readonly Seen[], sessions: readonly SessionModel[]): string[] {
  const wanted = { 'api/kernels': sessions.map(kernelOf), 'api/sessions': sessions.map(({ id }) => id) }
  return seen.flatMap(({ path, answer: { status, body } }) => {
    if (path !== 'api/kernels' && path !== 'api/sessions') return []
    if (status !== 200) return [`${path} ${status}`]
    const ids = idsOf(body as KernelModel[])
    if (new Set(ids).size < ids.length) return [`${path} names one twice`]
    return wanted[path].every((id) => ids.includes(id)) ? [] : [`${path} lacks one`]
  })
}

const statusesOf = (seen: readonly Seen[], path: string) => [
  ...new Set(seen.filter((one) => one.path === path).map(({ answer }) => answer.status)),
]

t.test('both servers have two of the four kernels', async (t) => {
  t.equal(doomed.length, 2)
  t.equal(living.length, 2)
})

t.test('while one server hangs no kernel disappears from a list, and all is well when it goes on', async (t) => {
  const kernel = lab.kernels.connectTo({ model: (living[0] as SessionModel).kernel })
  await connected(kernel)
  const watcher = new Watcher(['api/kernels', 'api/sessions', living1])
  servers[0]?.freeze()
  t.teardown(() => servers[0]?.thaw())
  await until('the gateway sees it', isDead)
  t.equal(await execute(kernel, '6 * 7'), '42')
  servers[0]?.thaw()
  await until('it is ready again', areAllReady)
  const seen = await watcher.stop()
  t.strictSame(blinks(seen, all), [])
  t.strictSame(statusesOf(seen, living1), [200])
  t.equal((await rest.ask('GET', doomed1)).status, 200)
})

t.test('one server killed: its kernels are gone after a while, and the kernels of the other never blink', async (t) => {
  const kernel = lab.kernels.connectTo({ model: (living[1] as SessionModel).kernel })
  await connected(kernel)
  let losses = 0
  kernel.connectionStatusChanged.connect(() => losses++)

  const watcher = new Watcher(['api/kernels', 'api/sessions', living1, doomed1])
  await servers[0]?.kill()
  const killed = Date.now()
  await until('the gateway sees it', isDead)
  t.equal(await execute(kernel, '6 * 7'), '42', 'the kernels of the other server work')
  await until('its kernels are gone', async () => (await rest.kernels()).length === living.length, seconds(90))
  const gone = Date.now()
  await sleep(1_000)
  const seen = await watcher.stop()

  t.strictSame(blinks(seen, living), [], 'the others are always there')
  t.strictSame(statusesOf(seen, living1), [200])
  const early = seen.filter(({ at }) => at < killed + GONE_AFTER - 2_000)
  t.strictSame(blinks(early, doomed), [], 'the dead ones are listed for a while')
  const meanwhile = early.filter(({ at }) => at > killed)
  t.ok(meanwhile.length > 100, `${meanwhile.length} answers were looked at`)
  t.strictSame(statusesOf(meanwhile, doomed1), [503], 'and asked for, they are away')
  const all5xx = seen.filter(({ answer }) => answer.status > 500 && answer.status !== 503)
  t.strictSame(all5xx, [], 'JupyterLab would take 502 and 504 for the end of a kernel')
  t.ok(gone - killed < GONE_AFTER + 15_000, 'they do not stay for ever')
  t.equal((await rest.ask('GET', doomed1)).status, 404)
  t.strictSame(idsOf(await rest.sessions()), idsOf(living))
  t.equal(losses, 0, 'a WebSocket to the other server is not touched')
})

t.test('a notebook whose server is gone gets a new kernel on the other one', async (t) => {
  const [lost] = doomed
  const session = await rest.newSession(lost?.path ?? '')
  t.not(session.id, lost?.id)
  t.ok(idsOf((await behind[1]?.sessions()) ?? []).includes(session.id))
})

t.test('a server that comes back takes its part again', async (t) => {
  await servers[0]?.start()
  await until('it is ready', areAllReady)
  const { id } = await rest.newKernel()
  t.ok(idsOf((await behind[0]?.kernels()) ?? []).includes(id), 'the next kernel goes to the empty server')
})
