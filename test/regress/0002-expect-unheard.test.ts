import { PassThrough } from 'node:stream'
import { mock } from 'node:test'
import t, { type Test } from 'tap'
import { createBackendClient } from '../../gateway/upstream/backend-client.ts'
import { type RawConnection, rawBackend } from '../fakes/raw-backend.ts'
import { begin, Recorder } from '../fakes/recorder.ts'

// While a client waits for a 100, neither the front nor the client to the backend had a clock running: each left it to
// the other. A backend that does not know the expectation (Tornado: when it is written 100-Continue) waits for the body,
// so a client that never sends one held both connections for ever.

const headTimeout = 1_000

t.beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
t.afterEach(() => mock.timers.reset())

async function put(t: Test, script: (connection: RawConnection) => unknown) {
  const heard = Promise.withResolvers<void>()
  const backend = await rawBackend(t, async (connection) => {
    await connection.head()
    heard.resolve()
    await script(connection)
  })
  const client = createBackendClient({ ...backend, connectTimeout: 60_000 })
  t.teardown(() => client.close())
  const source = new PassThrough()
  const request = {
    method: 'PUT',
    target: '/',
    headers: ['Expect', '100-Continue'],
    body: { kind: 'stream', source, length: 4 } as const,
    headTimeout,
  }
  const { recorder } = begin(client, request, new Recorder())
  await heard.promise
  return { recorder, source, backend }
}

t.test('a backend that says nothing to an expectation is slow', async (t) => {
  const { recorder, backend } = await put(t, () => {})
  mock.timers.tick(headTimeout - 1)
  t.equal(recorder.failure, undefined)
  mock.timers.tick(1)
  await new Promise((resolve) => setImmediate(resolve)) // for what may have come while nobody read
  t.match(recorder.failure, { code: 'backend-slow' })
  await backend.connections[0]?.closed
})

t.test('once it has said 100, the body has all the time', async (t) => {
  const { recorder, source } = await put(t, async (connection) => {
    connection.write('HTTP/1.1 100 Continue\r\n\r\n')
    const body = await connection.takeBytes(4)
    connection.write(`HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n${body}`)
  })
  while (recorder.told.length === 0) await new Promise((resolve) => setImmediate(resolve))
  mock.timers.tick(headTimeout * 10)
  source.end('slow')
  await recorder.over
  t.equal(recorder.failure, undefined)
})

t.test('and so has a body that does not wait for it', async (t) => {
  const { recorder, source } = await put(t, async (connection) => {
    await connection.takeBytes(2)
    connection.write('HTTP/1.1 103 Early Hints\r\n\r\n')
    await connection.takeBytes(2)
    connection.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
  })
  source.write('sl')
  while (recorder.told.length === 0) await new Promise((resolve) => setImmediate(resolve))
  mock.timers.tick(headTimeout * 10)
  source.end('ow')
  await recorder.over
  t.equal(recorder.failure, undefined)
})
