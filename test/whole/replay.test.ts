import { randomUUID } from 'node:crypto'
import t from 'tap'
import { backendsOf, quiet, startCluster } from './support/cluster.ts'
import { KernelSocket } from './support/kernel-socket.ts'
import { until } from './support/until.ts'

const cluster = await startCluster(t)
const { rest } = cluster
t.afterEach(() => rest.clear())
t.beforeEach(() => quiet(cluster))

// Six numbers, one in a second: what is printed while the client is away must not depend on how fast the machine is.
const COUNTING = 'import time\nfor i in range(6):\n  print(i, flush=True)\n  time.sleep(1)'
const COUNTED = '0\n1\n2\n3\n4\n5\n'

interface Running {
  readonly kernel: string
  readonly session: string
  readonly socket: KernelSocket
  /** The cell that counts. */
  readonly cell: string
}

/** A client that has seen the first number of six. */
async function counting(): Promise<Running> {
  const { id: kernel } = await rest.newKernel()
  const session = randomUUID()
  const socket = await KernelSocket.open(cluster, kernel, session)
  const cell = socket.execute(COUNTING)
  await until('the first number', () => socket.printed(cell).includes('0'))
  return { kernel, session, socket, cell }
}

const connectionsOf = async (kernel: string) => (await rest.kernels()).find(({ id }) => id === kernel)?.connections

/** The kernel has nobody left who listens, so from here on its server keeps what it says. */
const unheard = (kernel: string) => until('nobody listens', async () => (await connectionsOf(kernel)) === 0)

const idle = (kernel: string) =>
  until('the cell has ended', async () => {
    return (await rest.kernels()).find(({ id }) => id === kernel)?.execution_state === 'idle'
  })

const endings = {
  'a clean close': (socket: KernelSocket) => socket.close(),
  'a reset': (socket: KernelSocket) => socket.reset(),
}

for (const [name, end] of Object.entries(endings)) {
  t.test(`what a kernel says after ${name} is told to the client that returns`, async (t) => {
    const { kernel, session, socket, cell } = await counting()
    await end(socket)
    await unheard(kernel)
    const heard = socket.printed(cell)
    await idle(kernel)

    const back = await KernelSocket.open(cluster, kernel, session)
    await back.ends(cell)
    t.equal(heard + back.printed(cell), COUNTED)
    t.equal(back.types(cell).filter((type) => type === 'execute_reply').length, 1)
    await back.close()
  })
}

t.test('a client that vanished without a word and comes back, twice, has lost nothing', async (t) => {
  const { kernel, session, socket, cell } = await counting()
  socket.vanish()
  const heard = socket.printed(cell)

  // The old socket is still there and silent. What was on its way to it is lost with it, as with one server: what
  // counts is all from the moment that the new one is there.
  const second = await KernelSocket.open(cluster, kernel, session)
  // Jupyter answers 101 before it listens to the kernel; whoever leaves in between takes with him what comes then.
  await until('the next number', () => second.printed(cell) !== '')
  const before = second.printed(cell)
  second.reset()
  await unheard(kernel)
  await idle(kernel)
  const third = await KernelSocket.open(cluster, kernel, session)
  await third.ends(cell)

  const all = heard + before + third.printed(cell)
  t.match(all, /5\n$/)
  t.equal(third.types(cell).filter((type) => type === 'execute_reply').length, 1)
  t.strictSame(missing(all), [], `all of it was told: ${JSON.stringify([heard, before, third.printed(cell)])}`)
  socket.destroy()
  await third.close()
})

/** The numbers that nobody was told, but for one: it may be on its way in the moment of the loss. */
function missing(told: string): string[] {
  const never = COUNTED.trim()
    .split('\n')
    .filter((number) => !told.includes(`${number}\n`))
  return never.slice(1)
}

t.test('a client that vanishes has no part in what the next one is told', async (t) => {
  const { kernel, session, socket, cell } = await counting()
  socket.vanish()
  const second = await KernelSocket.open(cluster, kernel, session)
  await until('one connection', async () => (await connectionsOf(kernel)) === 1)
  await second.ends(cell)
  t.match(second.printed(cell), /3\n4\n5\n$/)
  socket.destroy()
  // The end of the old socket must not be taken for the end of the new one.
  const next = second.execute('print(6 * 7)')
  await second.ends(next)
  t.equal(second.printed(next), '42\n')
  await second.close()
})

t.test('a client that gives up before its kernel answers leaves nothing behind', async (t) => {
  const { id } = await rest.newKernel()
  for (const server of cluster.servers) server.freeze()
  t.teardown(() => {
    for (const server of cluster.servers) server.thaw()
  })
  const opening = KernelSocket.attempt(cluster, id, randomUUID())
  await until('the gateway asks', async () => (await backendsOf(cluster)).some(({ inFlight }) => inFlight > 0))
  opening.end()
  await until('it asks no more', async () => (await backendsOf(cluster)).every(({ inFlight }) => inFlight === 0))
  t.pass()
})
