import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { mock } from 'node:test'
import { Worker } from 'node:worker_threads'
import t, { type Test } from 'tap'
import { ask } from '../../gateway/upstream/ask.ts'
import { createBackendClient } from '../../gateway/upstream/backend-client.ts'
import type { BackendClient, BackendRequest } from '../../gateway/upstream/client.ts'
import { type RawBackend, type RawConnection, rawBackend } from '../fakes/raw-backend.ts'
import { begin, exchange, get, post, Recorder } from '../fakes/recorder.ts'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const headTimeout = 1000
/** More than all sockets between us and a backend can hold. */
const tooMuch = Buffer.alloc(32 * 1024 * 1024)

/** Time stands still but for `mock.timers.tick`. Sockets go on. */
t.beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
t.afterEach(() => mock.timers.reset())

async function setUp(
  t: Test,
  script: (connection: RawConnection, number: number) => unknown,
): Promise<{ client: BackendClient; backend: RawBackend }> {
  const backend = await rawBackend(t, script)
  const client = createBackendClient({ ...backend, connectTimeout: 60_000 })
  t.teardown(() => client.close())
  return { client, backend }
}

/** Passes the time up to shortly before the limit, and then over it. */
const almost = () => pass(headTimeout - 1)
const over = () => pass(1)

/** With the turn of the event loop that who is late is still given. */
async function pass(milliseconds: number): Promise<void> {
  mock.timers.tick(milliseconds)
  await new Promise((resolve) => setImmediate(resolve))
}

t.test('a backend that does not answer in time is slow', async (t) => {
  const heard = Promise.withResolvers<void>()
  const { client, backend } = await setUp(t, async (connection) => {
    await connection.head()
    heard.resolve()
  })
  const { recorder } = begin(client, { ...get, headTimeout }, new Recorder())
  await heard.promise
  await almost()
  t.same(recorder.told, [])
  await over()
  t.match(recorder.failure, { code: 'backend-slow', nothingSent: false })
  await backend.connections[0]?.closed
})

t.test('a request is not repeated because it is slow', async (t) => {
  const heard = Promise.withResolvers<void>()
  const { client, backend } = await setUp(t, async (connection) => {
    await connection.head()
    connection.write(ok)
    await connection.head()
    heard.resolve()
  })
  await exchange(client)
  const { recorder } = begin(client, { ...get, headTimeout }, new Recorder())
  await heard.promise
  await pass(headTimeout)
  t.equal(recorder.failure?.code, 'backend-slow')
  t.equal(backend.connections.length, 1)
})

t.test('100 Continue and half a head are no answer', async (t) => {
  const { client } = await setUp(t, async (connection) => {
    await connection.head()
    connection.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-')
  })
  const recorder = new Recorder()
  await new Promise<void>((resolve) => {
    recorder.onInformation = () => resolve()
    client.dispatch({ ...get, headTimeout }, recorder)
  })
  await pass(headTimeout)
  t.equal(recorder.failure?.code, 'backend-slow')
})

t.test('after the head a body may take its time', async (t) => {
  const recorder = new Recorder()
  const { client } = await setUp(t, async (connection) => {
    await connection.head()
    connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n')
    await recorder.begun
    await pass(10 * headTimeout)
    connection.write('ok')
  })
  client.dispatch({ ...get, headTimeout }, recorder)
  t.equal((await recorder.over).body, 'ok')
})

t.test('so it may if the head came before the request was whole', async (t) => {
  const recorder = new Recorder()
  const source = new PassThrough()
  const { client } = await setUp(t, async (connection) => {
    await connection.head()
    connection.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n')
    await recorder.begun
    source.end('body')
    const body = await connection.takeBytes(4)
    await pass(10 * headTimeout)
    connection.write(body)
  })
  client.dispatch(streaming(source, 4), recorder)
  t.equal((await recorder.over).body, 'body')
})

t.test('a slow source has all the time', async (t) => {
  const source = new PassThrough()
  const { client } = await setUp(t, async (connection) => {
    await connection.head()
    await pass(10 * headTimeout)
    source.write('some')
    await connection.takeThrough('some')
    await pass(10 * headTimeout)
    source.end('more')
    await connection.takeThrough('more')
    connection.write(ok)
  })
  t.equal((await exchange(client, streaming(source))).told.at(-1), 'onEnd')
})

t.test('a slow source has all the time again once the backend has caught up', async (t) => {
  const source = new PassThrough()
  source.write(tooMuch)
  const caughtUp = once(source, 'pause').then(() => once(source, 'resume'))
  const { client } = await setUp(t, async (connection) => {
    await connection.head()
    await connection.skipBytes(tooMuch.length)
    await caughtUp
    await pass(10 * headTimeout)
    source.end('!')
    await connection.takeThrough('!')
    connection.write(ok)
  })
  t.equal((await exchange(client, streaming(source, tooMuch.length + 1))).told.at(-1), 'onEnd')
})

t.test('a backend that stops reading is slow', async (t) => {
  const source = new PassThrough()
  source.write(tooMuch)
  const { client, backend } = await setUp(t, (connection) => connection.socket.pause())
  const { recorder } = begin(client, streaming(source), new Recorder())
  await once(source, 'pause')
  await almost()
  t.same(recorder.told, [])
  await over()
  t.equal(recorder.failure?.code, 'backend-slow')
  backend.connections[0]?.socket.resume()
  await backend.connections[0]?.closed
})

t.test('the time runs from when the last byte has gone out, not from when it was given to the socket', async (t) => {
  const { client } = await setUp(t, async (connection) => {
    await connection.head()
    connection.socket.pause()
    await almost()
    connection.socket.resume()
    await connection.skipBytes(tooMuch.length)
    // Our side of the connection is told in one of its next turns.
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
    await almost()
    connection.write(ok)
  })
  const { told } = await exchange(client, { ...post, body: { kind: 'bytes', bytes: tooMuch }, headTimeout })
  t.equal(told.at(-1), 'onEnd')
})

function streaming(source: PassThrough, length?: number): BackendRequest {
  return { ...post, body: { kind: 'stream', source, length }, headTimeout }
}

/** A backend in a thread of its own, which answers while this one stands still. */
async function quickBackend(t: Test): Promise<number> {
  const script = `
    const { createServer } = require('node:net')
    const { parentPort } = require('node:worker_threads')
    const server = createServer((socket) => socket.on('data', () => socket.write(${JSON.stringify(ok)})))
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
  `
  const worker = new Worker(script, { eval: true })
  t.teardown(() => worker.terminate())
  return ((await once(worker, 'message')) as [number])[0]
}

t.test('nobody was slow who answered while this process itself stood still', async (t) => {
  mock.timers.reset()
  const port = await quickBackend(t)
  const client = createBackendClient({ host: '127.0.0.1', port, connectTimeout: 50 })
  t.teardown(() => client.close())
  const standStill = () => {
    const until = performance.now() + 300
    while (performance.now() < until);
  }
  const request = { ...get, headTimeout: 50 }
  for (const what of ['while it connects', 'while it waits']) {
    const { recorder } = begin(client, request, new Recorder())
    if (what === 'while it connects') await Promise.resolve()
    standStill()
    await recorder.over
    t.equal(recorder.failure, undefined, what)
  }
  const asking = ask(client, { method: 'GET', target: '/', headers: [] }, { limit: 100, timeout: 50 })
  standStill()
  t.equal((await asking).status, 200)
})
