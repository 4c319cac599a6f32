import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { mock } from 'node:test'
import t, { type Test } from 'tap'
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
const almost = () => mock.timers.tick(headTimeout - 1)
const over = () => mock.timers.tick(1)

t.test('a backend that does not answer in time is slow', async (t) => {
  const heard = Promise.withResolvers<void>()
  const { client, backend } = await setUp(t, async (connection) => {
    await connection.head()
    heard.resolve()
  })
  const { recorder } = begin(client, { ...get, headTimeout }, new Recorder())
  await heard.promise
  almost()
  t.same(recorder.told, [])
  over()
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
  mock.timers.tick(headTimeout)
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
  mock.timers.tick(headTimeout)
  t.equal(recorder.failure?.code, 'backend-slow')
})

t.test('after the head a body may take its time', async (t) => {
  const recorder = new Recorder()
  const { client } = await setUp(t, async (connection) => {
    await connection.head()
    connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n')
    await recorder.begun
    mock.timers.tick(10 * headTimeout)
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
    mock.timers.tick(10 * headTimeout)
    connection.write(body)
  })
  client.dispatch(streaming(source, 4), recorder)
  t.equal((await recorder.over).body, 'body')
})

t.test('a slow source has all the time', async (t) => {
  const source = new PassThrough()
  const { client } = await setUp(t, async (connection) => {
    await connection.head()
    mock.timers.tick(10 * headTimeout)
    source.write('some')
    await connection.takeThrough('some')
    mock.timers.tick(10 * headTimeout)
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
    mock.timers.tick(10 * headTimeout)
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
  almost()
  t.same(recorder.told, [])
  over()
  t.equal(recorder.failure?.code, 'backend-slow')
  backend.connections[0]?.socket.resume()
  await backend.connections[0]?.closed
})

t.test('the time runs from when the last byte has gone out, not from when it was given to the socket', async (t) => {
  const { client } = await setUp(t, async (connection) => {
    await connection.head()
    connection.socket.pause()
    almost()
    connection.socket.resume()
    await connection.skipBytes(tooMuch.length)
    // Our side of the connection is told in one of its next turns.
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
    almost()
    connection.write(ok)
  })
  const { told } = await exchange(client, { ...post, body: { kind: 'bytes', bytes: tooMuch }, headTimeout })
  t.equal(told.at(-1), 'onEnd')
})

function streaming(source: PassThrough, length?: number): BackendRequest {
  return { ...post, body: { kind: 'stream', source, length }, headTimeout }
}
