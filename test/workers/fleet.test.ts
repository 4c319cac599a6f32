import t from 'tap'
import type { Config } from '../../gateway/config/config.ts'
import { parseConfig } from '../../gateway/config/parse.ts'
import { createLog } from '../../gateway/observe/log.ts'
import { Fleet, type WorkerEvents } from '../../gateway/workers/fleet.ts'
import type { ToWorker } from '../../gateway/workers/messages.ts'

interface Child {
  readonly events: WorkerEvents
  readonly got: ToWorker[]
  killed: boolean
}

function setUp(workers = 2) {
  const parsed = parseConfig(['--backends=static:10.0.0.1:1'], {}, () => '')
  if (parsed.ok !== true) throw new Error('no config')
  const children: Child[] = []
  const clock = { now: 0 }
  const forked = Promise.withResolvers<void>()
  const forking = { fails: 0 }
  const lines: Record<string, unknown>[] = []
  const fleet = new Fleet({
    config: parsed.config,
    workers,
    tls: undefined,
    log: createLog('json', { write: (line) => void lines.push(JSON.parse(line)) }),
    now: () => clock.now,
    fork: (events) => {
      if (forking.fails > 0) {
        forking.fails--
        throw new Error('spawn EAGAIN')
      }
      const child: Child = { events, got: [], killed: false }
      children.push(child)
      if (children.length > workers) forked.resolve()
      return {
        send: (message) => child.got.push(message),
        kill: () => {
          child.killed = true
        },
      }
    },
  })
  const address = { address: '127.0.0.1', family: 'IPv4', port: 443 }
  const listen = (child: Child | undefined) => child?.events.onMessage({ kind: 'listening', address })
  /** All workers listen. */
  const begin = async () => {
    const starting = fleet.start()
    for (const child of children) listen(child)
    await starting
  }
  return { fleet, children, clock, listen, begin, forking, lines, oneMore: forked.promise }
}

t.test('it has started when every worker listens', async (t) => {
  const { fleet, children, listen } = setUp()
  let started = false
  const starting = fleet.start().then(() => {
    started = true
  })
  t.equal(children.length, 2)
  t.match(children[0]?.got, [{ kind: 'start' }])
  listen(children[0])
  await Promise.resolve()
  t.equal(started, false)
  listen(children[1])
  await starting
})

t.test('a worker that cannot listen is why the fleet cannot start', async (t) => {
  const { fleet, children } = setUp()
  const starting = fleet.start()
  children[0]?.events.onMessage({ kind: 'failed', message: 'the port is taken' })
  await t.rejects(starting, { message: 'the port is taken' })
})

t.test('a worker that dies is replaced, and the others hear of it', async (t) => {
  const { fleet, children, begin, oneMore, clock } = setUp()
  await begin()
  clock.now = 60_000
  children[0]?.events.onExit('SIGKILL')
  t.match(children[1]?.got.at(-1), { kind: 'gone', worker: 1 })
  await oneMore
  t.match(children[2]?.got, [{ kind: 'start' }])
  fleet.destroy()
  t.strictSame(
    children.map(({ killed }) => killed),
    [false, true, true],
  )
})

t.test('a replacement that cannot start is ended, told of and replaced in its turn', async (t) => {
  const { fleet, children, begin, oneMore, lines } = setUp()
  await begin()
  children[0]?.events.onExit('SIGKILL')
  await oneMore
  children[2]?.events.onMessage({ kind: 'failed', message: 'no file descriptors are left' })
  t.equal(children[2]?.killed, true)
  t.match(lines.at(-1), { level: 'error', worker: 3, why: 'no file descriptors are left' })
  fleet.destroy()
})

t.test('a worker that cannot be forked now is forked later', async (t) => {
  const { fleet, children, begin, oneMore, forking } = setUp()
  await begin()
  forking.fails = 2
  children[0]?.events.onExit('SIGKILL')
  await oneMore
  t.equal(forking.fails, 0)
  t.match(children[2]?.got, [{ kind: 'start' }])
  fleet.destroy()
})

t.test('where none can be forked at the start it does not start', async (t) => {
  const { fleet, forking } = setUp()
  forking.fails = 1
  await t.rejects(fleet.start(), { message: 'spawn EAGAIN' })
})

t.test('told to end, it waits for its workers and replaces none', async (t) => {
  const { fleet, children, begin } = setUp()
  await begin()
  const draining = fleet.drain(1_000)
  for (const child of children) t.match(child.got.at(-1), { kind: 'drain', deadline: 1_000 })
  for (const child of children) child.events.onExit('exit code 0')
  await draining
  t.equal(children.length, 2)
})

t.test('a worker that hangs does not keep the others from their end for longer than the deadline', async (t) => {
  const { fleet, children, begin } = setUp()
  await begin()
  const draining = fleet.drain(10)
  children[0]?.events.onExit('exit code 0')
  const isKilled = () => children[1]?.killed === true
  while (!isKilled()) await new Promise((resolve) => setTimeout(resolve, 10))
  children[1]?.events.onExit('SIGKILL')
  await draining
  t.equal(children[0]?.killed, false)
})

t.test('what has changed is told to all workers, and those that are forked later begin with it', async (t) => {
  const { fleet, children, begin, oneMore } = setUp()
  await begin()
  fleet.renew({ tls: { cert: 'a' } })
  fleet.renew({ config: { token: 't' } as Config })
  fleet.renew({ tls: { cert: 'b' } })
  for (const { got } of children) t.match(got.at(-1), { kind: 'renew', changed: { tls: { cert: 'b' } } })
  children[0]?.events.onExit('SIGKILL')
  await oneMore
  t.match(children[2]?.got, [{ kind: 'start', tls: { cert: 'b' }, config: { token: 't' } }])
  fleet.destroy()
})
