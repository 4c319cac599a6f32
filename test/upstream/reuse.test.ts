import t, { type Test } from 'tap'
import { createBackendClient } from '../../gateway/upstream/backend-client.ts'
import type { BackendClient, BackendRequest } from '../../gateway/upstream/client.ts'
import { answering, type RawBackend, type RawConnection, rawBackend } from '../fakes/raw-backend.ts'
import { begin, exchange, get, post, Recorder } from '../fakes/recorder.ts'

type Script = (connection: RawConnection, number: number) => unknown

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

async function setUp(t: Test, script: Script, options = {}): Promise<{ client: BackendClient; backend: RawBackend }> {
  const backend = await rawBackend(t, script)
  const client = createBackendClient({ ...backend, connectTimeout: 60_000, ...options })
  t.teardown(() => client.close())
  return { client, backend }
}

t.test('one request after the other shares one connection', async (t) => {
  const { client, backend } = await setUp(t, answering(ok))
  for (let i = 0; i < 5; i++) t.equal((await exchange(client)).body, 'ok')
  t.equal(backend.connections.length, 1)
})

t.test('requests at the same time have connections of their own', async (t) => {
  const { client, backend } = await setUp(t, answering(ok))
  await Promise.all([exchange(client), exchange(client), exchange(client)])
  t.equal(backend.connections.length, 3)
})

t.test('a handler told of the end finds the connection free again', async (t) => {
  const { client, backend } = await setUp(t, answering(ok))
  const second = new Recorder()
  const first = new Recorder()
  first.onEnd = () => {
    client.dispatch(get, second)
  }
  client.dispatch(get, first)
  await second.over
  t.equal(backend.connections.length, 1)
})

t.test('the connection that came to rest last is used first', async (t) => {
  let release = () => {}
  const { client, backend } = await setUp(t, async (connection, number) => {
    for (let request = 0; ; request++) {
      await connection.head()
      if (number === 0 && request === 0) await new Promise<void>((resolve) => (release = resolve))
      connection.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${number}`)
    }
  })
  const slow = exchange(client)
  await exchange(client)
  release()
  await slow
  t.equal((await exchange(client)).body, '0')
  t.equal(backend.connections.length, 2)
})

t.test('an unsafe request has a new connection always, which others may use after it', async (t) => {
  const { client, backend } = await setUp(t, answering(ok))
  await exchange(client)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) await exchange(client, { ...post, method })
  t.equal(backend.connections.length, 5)
  await Promise.all(Array.from({ length: 5 }, () => exchange(client)))
  t.equal(backend.connections.length, 5)
})

t.test('a GET with a body has a new connection, because it cannot be repeated', async (t) => {
  const { client, backend } = await setUp(t, async (connection) => {
    await connection.takeThrough('body')
    connection.write(ok)
  })
  const request: BackendRequest = { ...get, body: { kind: 'bytes', bytes: Buffer.from('body') } }
  await exchange(client, request)
  await exchange(client, request)
  t.equal(backend.connections.length, 2)
})

for (const [title, answer, request = get] of [
  ['that says Connection: close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'],
  ['in HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['with bytes behind it', `${ok}!`],
  ['to HEAD, with a body all the same', ok, { ...get, method: 'HEAD' }],
  // It may be sent when the next request has gone out.
  ['to HEAD that tells of a body', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n', { ...get, method: 'HEAD' }],
  ['304 that tells of a body', 'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n'],
] as [string, string, BackendRequest?][]) {
  t.test(`a connection is not used again after a response ${title}`, async (t) => {
    const { client, backend } = await setUp(t, async (connection) => {
      await connection.head()
      connection.write(answer)
    })
    const first = await exchange(client, request)
    t.equal(first.told.at(-1), 'onEnd')
    await backend.connections[0]?.closed
    await exchange(client, request)
    t.equal(backend.connections.length, 2)
  })
}

t.test('a connection is not used again after a response that ended with it', async (t) => {
  const { client, backend } = await setUp(t, async (connection) => {
    await connection.head()
    connection.end('HTTP/1.1 200 OK\r\n\r\nsome')
  })
  t.equal((await exchange(client)).body, 'some')
  t.equal((await exchange(client)).body, 'some')
  t.equal(backend.connections.length, 2)
})

t.test('a connection is not used again after an abort', async (t) => {
  const { client, backend } = await setUp(t, async (connection, number) => {
    await connection.head()
    connection.write(number === 0 ? 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok' : ok)
  })
  const { dispatch, recorder } = begin(client, get, new Recorder())
  await recorder.begun
  dispatch.abort()
  dispatch.abort()
  await backend.connections[0]?.closed
  t.equal((await exchange(client)).body, 'ok')
  t.equal(backend.connections.length, 2)
  t.notOk(recorder.told.includes('onEnd') || recorder.told.includes('onFailure'))
})

for (const [title, act] of [
  ['ends', (connection: RawConnection) => connection.end()],
  ['is reset', (connection: RawConnection) => connection.reset()],
  ['says something', (connection: RawConnection) => connection.write('HTTP/1.1 408 Request Timeout\r\n\r\n')],
] as const) {
  t.test(`a waiting connection that ${title} is given up at once`, async (t) => {
    const { client, backend } = await setUp(t, answering(ok))
    await exchange(client)
    const [connection] = backend.connections
    if (connection) act(connection)
    await connection?.closed
    // The reset is told to us one turn after the backend's own side is closed.
    await new Promise((resolve) => setImmediate(resolve))
    t.equal((await exchange(client)).body, 'ok')
    t.equal(backend.connections.length, 2)
    t.equal(connection?.received.length, 0, 'the second request was not even tried there')
  })
}

t.test('a safe request that meets a closing connection is repeated on a new one, and nobody notices', async (t) => {
  for (const method of ['GET', 'HEAD', 'OPTIONS']) {
    for (const how of ['end', 'reset'] as const) {
      let heard = ''
      const { client, backend } = await setUp(t, async (connection, number) => {
        await connection.head()
        connection.write('HTTP/1.1 204 No Content\r\n\r\n')
        heard = await connection.head()
        if (number === 0) connection[how]()
        else connection.write('HTTP/1.1 204 No Content\r\n\r\n')
      })
      await exchange(client)
      const second = await exchange(client, { ...get, method })
      t.match(heard, method, 'it was said first on the old connection')
      t.same(second.told, ['onHead', 'onEnd'], `${method}, ${how}`)
      t.equal(backend.connections.length, 2)
    }
  }
})

t.test('a safe request is repeated once, not for ever', async (t) => {
  const { client, backend } = await setUp(t, async (connection, number) => {
    await connection.head()
    if (number === 0) connection.write(ok)
    else connection.end()
    await connection.head()
    connection.end()
  })
  await exchange(client)
  const second = await exchange(client)
  t.match(second.failure, { code: 'backend-reset', nothingSent: false })
  t.equal(backend.connections.length, 2)
})

t.test('a request is not repeated once any byte of a response has come', async (t) => {
  const { client, backend } = await setUp(t, async (connection) => {
    await connection.head()
    connection.write(ok)
    await connection.head()
    connection.end('H')
  })
  await exchange(client)
  t.match((await exchange(client)).failure, { code: 'backend-reset', nothingSent: false })
  t.equal(backend.connections.length, 1)
})

t.test('no more connections wait than maxIdle', async (t) => {
  const { client, backend } = await setUp(t, answering(ok), { maxIdle: 1 })
  await Promise.all([exchange(client), exchange(client)])
  await Promise.race(backend.connections.map(({ closed }) => closed))
  await exchange(client)
  t.equal(backend.connections.length, 2)
})

t.test('a waiting connection is closed after idleTimeout', async (t) => {
  const { client, backend } = await setUp(t, answering(ok), { idleTimeout: 20 })
  await exchange(client)
  t.equal(await backend.connections[0]?.closed, 'end')
  await exchange(client)
  t.equal(await backend.connections[1]?.closed, 'end', 'and so is the next one')
})

t.test('close ends what waits, and lets what is under way finish', async (t) => {
  let release = () => {}
  const { client, backend } = await setUp(t, async (connection, number) => {
    await connection.head()
    if (number === 0) await new Promise<void>((resolve) => (release = resolve))
    connection.write(ok)
  })
  const underWay = exchange(client)
  await exchange(client)
  client.close()
  await backend.connections[1]?.closed
  release()
  t.equal((await underWay).body, 'ok')
  await backend.connections[0]?.closed
})
