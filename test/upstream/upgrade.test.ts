import { once } from 'node:events'
import t, { type Test } from 'tap'
import { createBackendClient } from '../../gateway/upstream/backend-client.ts'
import type { BackendClient, BackendRequest } from '../../gateway/upstream/client.ts'
import { type RawBackend, type RawConnection, rawBackend } from '../fakes/raw-backend.ts'
import { exchange, get, Recorder } from '../fakes/recorder.ts'

// The key and its answer of RFC 6455 1.3.
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
const upgrade: BackendRequest = {
  ...get,
  headers: ['Host', 'test', 'Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version', '13'],
  upgrade: 'websocket',
}

async function setUp(
  t: Test,
  script: (connection: RawConnection) => unknown,
): Promise<{ client: BackendClient; backend: RawBackend }> {
  const backend = await rawBackend(t, script)
  const client = createBackendClient({ ...backend, connectTimeout: 60_000 })
  t.teardown(() => client.close())
  return { client, backend }
}

function switching(headers: string, rest = ''): (connection: RawConnection) => Promise<void> {
  return async (connection) => {
    await connection.head()
    connection.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.replaceAll('\n', '\r\n')}\r\n${rest}`)
  }
}

const valid = `Upgrade: WebSocket\nConnection: keep-alive, UPGRADE\nSec-WebSocket-Accept: ${accept}\n`

t.test('a valid 101 gives the socket away, paused, with the first bytes behind it', async (t) => {
  const { client, backend } = await setUp(t, async (connection) => {
    await switching(valid, 'first')(connection)
    connection.write(` ${await connection.takeThrough('!')}`)
  })
  const { told, head, socket, rest } = await exchange(client, upgrade)
  t.same(told, ['onUpgrade'])
  t.equal(head?.status, 101)
  t.equal(rest?.toString(), 'first')
  t.equal(socket?.isPaused(), true)
  socket?.write('second!')
  socket?.resume()
  const [more] = (await once(socket as NodeJS.ReadableStream, 'data')) as [Buffer]
  t.equal(more.toString(), ' second!')
  socket?.end()
  await backend.connections[0]?.closed
})

t.test('what comes while the socket is paused is kept for its owner, and so is its end', async (t) => {
  const { client } = await setUp(t, async (connection) => {
    await switching(valid)(connection)
    connection.end('later')
  })
  const { socket, rest } = await exchange(client, upgrade)
  const received = [rest as Buffer]
  for await (const part of socket as NodeJS.ReadableStream) received.push(part as Buffer)
  t.equal(Buffer.concat(received).toString(), 'later')
})

t.test('a socket that breaks before its owner listens ends nobody', async (t) => {
  const { client, backend } = await setUp(t, switching(valid))
  const { socket } = await exchange(client, upgrade)
  backend.connections[0]?.reset()
  socket?.resume()
  await new Promise<void>((resolve) => socket?.on('close', resolve))
  t.equal(socket?.destroyed, true)
})

t.test('after the upgrade the socket belongs to its owner alone', async (t) => {
  const { client } = await setUp(t, switching(valid))
  const recorder = new Recorder()
  const dispatch = client.dispatch(upgrade, recorder)
  await recorder.over
  dispatch.abort()
  dispatch.resume()
  client.close()
  t.equal(recorder.socket?.destroyed, false)
  t.equal(recorder.socket?.isPaused(), true)
  t.equal(recorder.socket?.listenerCount('data'), 0)
  recorder.socket?.destroy()
})

for (const [title, headers] of [
  ['no Sec-WebSocket-Accept', 'Upgrade: websocket\nConnection: Upgrade\n'],
  ['the Sec-WebSocket-Accept of another key', valid.replace('s3pP', 'S3pP')],
  ['two Sec-WebSocket-Accepts', `${valid}Sec-WebSocket-Accept: ${accept}\n`],
  ['no Upgrade', valid.replace('Upgrade: WebSocket\n', '')],
  ['another Upgrade', valid.replace('WebSocket', 'h2c')],
  ['two Upgrades', `${valid}Upgrade: websocket\n`],
  ['no Connection: Upgrade', valid.replace('UPGRADE', 'upgraded')],
  ['a body', `${valid}Content-Length: 5\n`],
] as const) {
  t.test(`a 101 with ${title} is broken`, async (t) => {
    const { client, backend } = await setUp(t, switching(headers))
    const { failure, told } = await exchange(client, upgrade)
    t.equal(failure?.code, 'backend-broken')
    t.same(told, ['onFailure'])
    await backend.connections[0]?.closed
  })
}

t.test('an answer other than 101 is an ordinary one, and its connection has served', async (t) => {
  const { client, backend } = await setUp(t, async (connection) => {
    await connection.head()
    connection.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')
  })
  const { told, head, body } = await exchange(client, upgrade)
  t.same(told, ['onHead', 'onBody', 'onEnd'])
  t.equal(head?.status, 403)
  t.equal(body, 'no')
  await backend.connections[0]?.closed
})

t.test('an upgrade takes no connection that has waited', async (t) => {
  const { client, backend } = await setUp(t, async (connection) => {
    const head = await connection.head()
    if (head.includes('Upgrade')) connection.write(`HTTP/1.1 101 S\r\n${valid.replaceAll('\n', '\r\n')}\r\n`)
    else connection.write('HTTP/1.1 204 No Content\r\n\r\n')
  })
  await exchange(client)
  const { socket } = await exchange(client, upgrade)
  t.equal(backend.connections.length, 2)
  socket?.destroy()
})

t.test('what onUpgrade throws ends the socket and is reported', async (t) => {
  const backend = await rawBackend(t, switching(valid))
  const mine = new RangeError('mine')
  const reported = new Promise((resolve) => {
    const client = createBackendClient({ ...backend, connectTimeout: 60_000, onHandlerError: resolve })
    const recorder = new Recorder()
    recorder.onUpgrade = () => {
      throw mine
    }
    client.dispatch(upgrade, recorder)
  })
  t.equal(await reported, mine)
  await backend.connections[0]?.closed
})
