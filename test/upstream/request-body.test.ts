import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, Socket } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import t, { type Test } from 'tap'
import { createBackendClient } from '../../gateway/upstream/backend-client.ts'
import type { BackendClient, BackendRequest } from '../../gateway/upstream/client.ts'
import { deafBackend } from '../fakes/deaf-backend.ts'
import { type RawBackend, type RawConnection, rawBackend } from '../fakes/raw-backend.ts'
import { begin, exchange, post, Recorder } from '../fakes/recorder.ts'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const MiB = 1024 * 1024

async function setUp(
  t: Test,
  script: (connection: RawConnection, number: number) => unknown,
): Promise<{ client: BackendClient; backend: RawBackend }> {
  const backend = await rawBackend(t, script)
  const client = createBackendClient({ ...backend, connectTimeout: 60_000 })
  t.teardown(() => client.close())
  return { client, backend }
}

function streaming(source: Readable, length?: number): BackendRequest {
  return { ...post, body: { kind: 'stream', source, length } }
}

t.test('bytes are sent with their length', async (t) => {
  let received = ''
  const { client } = await setUp(t, async (connection) => {
    received = await connection.takeThrough('body')
    connection.write(ok)
  })
  await exchange(client, { ...post, body: { kind: 'bytes', bytes: Buffer.from('a body') } })
  t.equal(received, 'POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 6\r\n\r\na body')
})

t.test('a stream with a length is sent as it is', async (t) => {
  let received = ''
  const { client } = await setUp(t, async (connection) => {
    received = await connection.takeThrough('end')
    connection.write(ok)
  })
  const { told } = await exchange(client, streaming(Readable.from([Buffer.from('from '), Buffer.from('to end')]), 11))
  t.equal(received, 'POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 11\r\n\r\nfrom to end')
  t.equal(told.at(-1), 'onEnd')
})

t.test('a stream without a length is sent in chunks, and an empty part is not taken for the last', async (t) => {
  let received = ''
  const { client } = await setUp(t, async (connection) => {
    await connection.head()
    received = await connection.takeThrough('0\r\n\r\n')
    connection.write(ok)
  })
  const parts = [Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(17, 'x'), 'zwölf']
  await exchange(client, streaming(Readable.from(parts)))
  t.equal(
    received,
    `3\r\none\r\n11\r\n${'x'.repeat(17)}\r\n6\r\n${Buffer.from('zwölf').toString('latin1')}\r\n0\r\n\r\n`,
  )
})

t.test('an empty stream is an empty body', async (t) => {
  for (const length of [undefined, 0]) {
    const { client } = await setUp(t, async (connection) => {
      await connection.head()
      if (length === undefined) await connection.takeThrough('0\r\n\r\n')
      connection.write(ok)
    })
    t.equal((await exchange(client, streaming(Readable.from([]), length))).told.at(-1), 'onEnd')
  }
})

t.test('a source that has ended before the request is read to its end', async (t) => {
  for (const event of ['end', 'close']) {
    const { client } = await setUp(t, async (connection) => {
      await connection.takeThrough('0\r\n\r\n')
      connection.write(ok)
    })
    const source = Readable.from([]).resume()
    // Inside the event: 'close' follows 'end' before anybody who awaits can act.
    const outcome = await new Promise((resolve) => source.on(event, () => resolve(exchange(client, streaming(source)))))
    t.equal((outcome as Recorder).told.at(-1), 'onEnd', event)
  }
})

t.test('a source that was paused is read all the same', async (t) => {
  const source = new PassThrough()
  source.pause()
  source.end('body')
  const { client } = await setUp(t, async (connection) => {
    await connection.takeThrough('body')
    connection.write(ok)
  })
  t.equal((await exchange(client, streaming(source, 4))).told.at(-1), 'onEnd')
})

t.test('the head and what there is of the body leave in one write', async (t) => {
  const source = new PassThrough()
  source.write('body')
  const bodies: BackendRequest['body'][] = [
    { kind: 'bytes', bytes: Buffer.from('body') },
    { kind: 'stream', source, length: 4 },
  ]
  for (const body of bodies) {
    const { client } = await setUp(t, async (connection) => {
      await connection.takeThrough('body')
      connection.write(ok)
    })
    const sockets = Socket.prototype as unknown as { _writeGeneric: (...args: unknown[]) => unknown }
    const writes = t.capture(sockets, '_writeGeneric', sockets._writeGeneric)
    await exchange(client, { ...post, body })
    const ours = writes().filter(({ args }) => !String(args[1]).startsWith('HTTP/'))
    t.equal(ours.length, 1)
  }
})

t.test('the head does not wait for the first part, which may wait for 100 Continue', async (t) => {
  const source = new PassThrough()
  const { client } = await setUp(t, async (connection) => {
    await connection.head()
    connection.write('HTTP/1.1 100 Continue\r\n\r\n')
    await connection.takeThrough('body')
    connection.write(ok)
  })
  const recorder = new Recorder()
  recorder.onInformation = () => {
    source.end('body')
  }
  client.dispatch(streaming(source, 4), recorder)
  t.equal((await recorder.over).body, 'ok')
})

for (const [title, length, parts] of [
  ['shorter than its length', 9, ['abc']],
  ['longer than its length', 2, ['abc']],
  ['longer by a part of its own', 2, ['ab', 'c']],
] as const) {
  t.test(`a source ${title} is cut, and the backend never sees more than it was told of`, async (t) => {
    const source = Readable.from(parts.map((part) => Buffer.from(part)))
    const { client, backend } = await setUp(t, async (connection) => {
      await connection.head()
      await connection.takeBytes(1000)
    })
    const { failure } = await exchange(client, streaming(source, length))
    t.match(failure, { code: 'request-cut', nothingSent: false })
    const [connection] = backend.connections
    await connection?.closed
    t.ok((connection?.received.length ?? 9) <= length)
  })
}

t.test('a source that fails, or ends without its end, cuts the request', async (t) => {
  for (const error of [new Error('disk'), undefined]) {
    const source = new PassThrough()
    const { client, backend } = await setUp(t, async (connection) => {
      await connection.takeThrough('some')
      source.destroy(error)
    })
    source.write('some')
    const { failure } = await exchange(client, streaming(source))
    t.match(failure, { code: 'request-cut', nothingSent: false })
    await backend.connections[0]?.closed
    t.notMatch(backend.connections[0]?.received.toString(), /0\r\n\r\n$/, 'no clean end')
  }
})

t.test('a source destroyed before the request cuts it', async (t) => {
  const source = new PassThrough()
  source.destroy()
  await once(source, 'close')
  const { client } = await setUp(t, () => {})
  t.equal((await exchange(client, streaming(source))).failure?.code, 'request-cut')
})

t.test('until the connection stands, the source is not read, and its failure has sent nothing', async (t) => {
  const { host, port } = await deafBackend(t)
  const late = new PassThrough()
  late.write('kept')
  const refused = await exchange(createBackendClient({ host, port, connectTimeout: 20 }), streaming(late))
  t.match(refused.failure, { code: 'backend-refused', nothingSent: true })
  t.equal(late.readableLength, 4, 'another backend can still have it')
  t.equal(late.listenerCount('close') + late.listenerCount('data'), new PassThrough().listenerCount('close'))

  const failing = new PassThrough()
  const { recorder } = begin(
    createBackendClient({ host, port, connectTimeout: 60_000 }),
    streaming(failing),
    new Recorder(),
  )
  failing.destroy(new Error('disk'))
  await recorder.over
  t.match(recorder.failure, { code: 'request-cut', nothingSent: true })
})

t.test('an answer before the end of the body ends the exchange, its connection and the reading', async (t) => {
  const source = new PassThrough()
  const { client, backend } = await setUp(t, async (connection, number) => {
    await connection.head()
    connection.write(number === 0 ? 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno' : ok)
  })
  source.write('some')
  const { told, head } = await exchange(client, streaming(source, 1000))
  t.equal(head?.status, 413)
  t.equal(told.at(-1), 'onEnd')
  await backend.connections[0]?.closed
  t.equal(source.destroyed, false, 'the source is not ours')
  t.equal(source.isPaused(), true)
  t.equal(source.listenerCount('data'), 0)
  await exchange(client)
  t.equal(backend.connections.length, 2)
})

t.test('an answer that begins early does not stop the body', async (t) => {
  const source = new PassThrough()
  const { client } = await setUp(t, async (connection) => {
    await connection.head()
    connection.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n')
    connection.write(await connection.takeBytes(4))
  })
  const { recorder } = begin(client, streaming(source, 4), new Recorder())
  await recorder.begun
  source.end('echo')
  t.equal((await recorder.over).body, 'echo')
})

t.test('a connection whose request and response are whole is used again', async (t) => {
  const { client, backend } = await setUp(t, async (connection) => {
    await connection.takeThrough('0\r\n\r\n')
    connection.write(ok)
    await connection.head()
    connection.write(ok)
  })
  await exchange(client, streaming(Readable.from([Buffer.from('abc')])))
  await exchange(client, { ...post, method: 'GET' })
  t.equal(backend.connections.length, 1)
})

t.test('a backend that stops reading is slow, and holds the source back', async (t) => {
  let given = 0
  const source = new Readable({
    read(size) {
      given += size
      this.push(Buffer.alloc(size))
    },
  })
  const { client } = await setUp(t, (connection) => connection.socket.pause())
  const { failure } = await exchange(client, { ...streaming(source), headTimeout: 100 })
  t.equal(failure?.code, 'backend-slow')
  t.ok(given < 64 * MiB, `${given} bytes were taken`)
  source.destroy()
})

t.test('with its last byte the request is whole, whatever becomes of the source', async (t) => {
  for (const fate of ['open', 'failed', 'closed']) {
    const source = new PassThrough()
    source.on('error', () => {})
    source.write('body')
    const { client, backend } = await setUp(t, async (connection) => {
      await connection.takeThrough('body')
      if (fate !== 'open') {
        const closed = new Promise((resolve) => source.on('close', resolve))
        source.destroy(fate === 'failed' ? new Error('disk') : undefined)
        await closed
      }
      connection.write(ok)
      await connection.head()
      connection.write(ok)
    })
    t.equal((await exchange(client, streaming(source, 4))).told.at(-1), 'onEnd', fate)
    await exchange(client, { ...post, method: 'GET' })
    t.equal(backend.connections.length, 1, 'and its connection is used again')
  }
})

t.test('300 MB go up through a small buffer', async (t) => {
  const total = 300 * MiB
  let received = 0
  let given = 0
  let mostUnderWay = 0
  const server = createServer((socket) => {
    socket.once('data', (first: Buffer) => {
      received += first.length - (first.indexOf('\r\n\r\n') + 4)
      socket.on('data', (bytes) => {
        received += bytes.length
        if (received === total) socket.write(ok)
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())

  const part = Buffer.alloc(64 * 1024)
  const source = new Readable({
    read() {
      mostUnderWay = Math.max(mostUnderWay, given - received)
      given += part.length
      this.push(given > total ? null : part)
    },
  })
  const client = createBackendClient({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    connectTimeout: 60_000,
  })
  t.teardown(() => client.close())
  const { told } = await exchange(client, streaming(source, total))
  t.equal(told.at(-1), 'onEnd')
  t.equal(received, total)
  // What the two kernels' socket buffers hold is in it too: some MiB, whatever the body's size.
  t.ok(mostUnderWay < 32 * MiB, `${mostUnderWay} bytes were under way at once`)
})
