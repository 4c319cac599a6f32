import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { createBackendClient } from '../../gateway/upstream/backend-client.ts'
import type { BackendClient } from '../../gateway/upstream/client.ts'
import { deafBackend } from '../fakes/deaf-backend.ts'
import { answering, type RawBackend, type RawConnection, rawBackend } from '../fakes/raw-backend.ts'
import { begin, exchange, get, post, Recorder } from '../fakes/recorder.ts'

async function setUp(
  t: Test,
  script: (connection: RawConnection, number: number) => unknown,
  options = {},
): Promise<{ client: BackendClient; backend: RawBackend }> {
  const backend = await rawBackend(t, script)
  const client = createBackendClient({ ...backend, connectTimeout: 60_000, ...options })
  t.teardown(() => client.close())
  return { client, backend }
}

for (const [title, answer, told] of [
  ['frames in two ways', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n', []],
  ['sends a bad chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n-1\r\n', ['onHead', 'onBody']],
  ['switches protocols unasked', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n', []],
  ['speaks another protocol', 'SSH-2.0-OpenSSH_9.9\r\n', []],
  ['floods with 100s', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000), Array(16).fill('onInformation')],
] as const) {
  t.test(`a backend that ${title} is broken, and its connection at its end`, async (t) => {
    const { client, backend } = await setUp(t, async (connection) => {
      await connection.head()
      connection.write(answer)
    })
    const { failure, told: all } = await exchange(client)
    t.match(failure, { name: 'BackendFailure', code: 'backend-broken', nothingSent: false })
    t.same(all, [...told, 'onFailure'])
    await backend.connections[0]?.closed
  })
}

t.test('a head without end is refused at 64 KiB', async (t) => {
  const { client, backend } = await setUp(t, async (connection) => {
    await connection.head()
    connection.write('HTTP/1.1 200 OK\r\n')
    const more = () => {
      while (connection.socket.writable && connection.socket.write('Header: value\r\n')) {}
    }
    connection.socket.on('drain', more)
    more()
  })
  t.equal((await exchange(client)).failure?.code, 'backend-broken')
  await backend.connections[0]?.closed
})

for (const [title, answer] of [
  ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell'],
  ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
] as const) {
  for (const how of ['end', 'reset'] as const) {
    t.test(`a body with ${title} cut by ${how} is no clean end`, async (t) => {
      const recorder = new Recorder()
      const { client } = await setUp(t, async (connection) => {
        await connection.head()
        connection.write(answer)
        await recorder.begun // a reset may overtake what was sent before it
        connection[how]()
      })
      client.dispatch(get, recorder)
      await recorder.over
      t.equal(recorder.failure?.code, 'backend-cut')
      t.notOk(recorder.told.includes('onEnd'))
    })
  }
}

t.test('a body without a length is cut by a reset, and ended by an end', async (t) => {
  for (const [how, last] of [
    ['end', 'onEnd'],
    ['reset', 'onFailure'],
  ] as const) {
    const recorder = new Recorder()
    const { client } = await setUp(t, async (connection) => {
      await connection.head()
      connection.write('HTTP/1.1 200 OK\r\n\r\nsome')
      await recorder.begun
      connection[how]()
    })
    client.dispatch(get, recorder)
    await recorder.over
    t.equal(recorder.told.at(-1), last)
  }
})

t.test('a connection that ends before the head is reset, whatever the method', async (t) => {
  for (const request of [get, post]) {
    for (const how of ['end', 'reset'] as const) {
      const { client, backend } = await setUp(t, async (connection) => {
        await connection.head()
        connection[how]()
      })
      t.match((await exchange(client, request)).failure, { code: 'backend-reset', nothingSent: false })
      t.equal(backend.connections.length, 1, 'a new connection is not tried twice')
    }
  }
})

t.test('a port where nobody listens refuses, and nothing was sent', async (t) => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  const client = createBackendClient({ host: '127.0.0.1', port, connectTimeout: 60_000 })
  const { failure, told } = await exchange(client, post)
  t.match(failure, { code: 'backend-refused', nothingSent: true })
  t.same(told, ['onFailure'])
})

t.test('a name that nobody has refuses, and nothing was sent', async (t) => {
  const client = createBackendClient({ host: 'no-such-host.invalid', port: 1, connectTimeout: 60_000 })
  t.match((await exchange(client)).failure, { code: 'backend-refused', nothingSent: true })
})

t.test('a connection that does not come to be in time refuses, and nothing was sent', async (t) => {
  const { host, port } = await deafBackend(t)
  const client = createBackendClient({ host, port, connectTimeout: 20 })
  const { failure } = await exchange(client, post)
  t.match(failure, { code: 'backend-refused', nothingSent: true, message: 'connecting took too long' })
})

t.test('nothing is told after an abort, wherever it comes', async (t) => {
  const answer =
    'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
  for (const abortIn of ['onInformation', 'onHead', 'onBody'] as const) {
    const { client, backend } = await setUp(t, async (connection) => {
      await connection.head()
      connection.write(answer)
    })
    const { dispatch, recorder } = begin(client, get, new Recorder())
    await new Promise<void>((resolve) => {
      recorder[abortIn] = () => {
        recorder.told.push(abortIn)
        dispatch.abort()
        resolve()
        return true
      }
    })
    await backend.connections[0]?.closed
    t.equal(recorder.told.indexOf(abortIn), recorder.told.length - 1)
  }
})

t.test('a handler that aborts and then throws hears no more of it, but the error is reported', async (t) => {
  const errors: unknown[] = []
  const { client, backend } = await setUp(t, answering('HTTP/1.1 204 No Content\r\n\r\n'), {
    onHandlerError: (error: unknown) => errors.push(error),
  })
  const { dispatch, recorder } = begin(client, get, new Recorder())
  const mine = new RangeError('mine')
  await new Promise<void>((resolve) => {
    recorder.onHead = () => {
      dispatch.abort()
      resolve()
      throw mine
    }
  })
  await backend.connections[0]?.closed
  t.same(recorder.told, [])
  t.same(errors, [mine])
})

t.test('an abort while it connects leaves nothing behind', async (t) => {
  const { client, backend } = await setUp(t, () => {})
  const { dispatch, recorder } = begin(client, get, new Recorder())
  dispatch.abort()
  await new Promise((resolve) => setImmediate(resolve))
  await Promise.all(backend.connections.map(({ closed }) => closed))
  t.same(recorder.told, [])
})

for (const callback of ['onInformation', 'onHead', 'onBody', 'onEnd', 'onFailure'] as const) {
  t.test(`what ${callback} throws ends its exchange and is reported`, async (t) => {
    const errors: unknown[] = []
    const { client, backend } = await setUp(
      t,
      async (connection) => {
        await connection.head()
        const ok = 'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
        if (callback === 'onFailure') connection.end()
        else connection.write(ok)
      },
      { onHandlerError: (error: unknown) => errors.push(error) },
    )
    const mine = new RangeError('mine')
    const recorder = new Recorder()
    const thrown = new Promise<void>((resolve) => {
      recorder[callback] = () => {
        resolve()
        throw mine
      }
    })
    client.dispatch(get, recorder)
    await thrown
    if (callback !== 'onEnd' && callback !== 'onFailure') {
      await recorder.over
      t.match(recorder.failure, { code: 'backend-broken', cause: mine })
    }
    if (callback !== 'onEnd') await backend.connections[0]?.closed
    t.same(errors, [mine])
  })
}
