import t, { type Test } from 'tap'
import { ask } from '../../gateway/upstream/ask.ts'
import { createBackendClient } from '../../gateway/upstream/backend-client.ts'
import type { BackendClient } from '../../gateway/upstream/client.ts'
import { answering, type RawBackend, type RawConnection, rawBackend } from '../fakes/raw-backend.ts'

const request = { method: 'GET', target: '/api', headers: ['Host', 'test'] }
const options = { limit: 1000, timeout: 60_000 }

async function setUp(
  t: Test,
  script: (connection: RawConnection) => unknown,
): Promise<{ client: BackendClient; backend: RawBackend }> {
  const backend = await rawBackend(t, script)
  const client = createBackendClient({ ...backend, connectTimeout: 60_000 })
  t.teardown(() => client.close())
  return { client, backend }
}

t.test('answers with the whole response', async (t) => {
  const { client } = await setUp(
    t,
    answering('HTTP/1.1 200 Fine\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n'),
  )
  t.same(await ask(client, request, options), {
    status: 200,
    reason: 'Fine',
    headers: ['A', 'b', 'Transfer-Encoding', 'chunked'],
    body: Buffer.from('onetwo'),
  })
})

t.test('answers without a body with no bytes', async (t) => {
  const { client } = await setUp(t, answering('HTTP/1.1 204 No Content\r\n\r\n'))
  t.equal((await ask(client, request, options)).body.length, 0)
})

t.test('sends a body', async (t) => {
  const { client } = await setUp(t, async (connection) => {
    await connection.head()
    connection.write(`HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n${await connection.takeBytes(4)}`)
  })
  const answer = await ask(client, { ...request, method: 'POST', body: Buffer.from('echo') }, options)
  t.equal(answer.body.toString(), 'echo')
})

t.test('refuses a body over the limit, announced or not, and takes one at the limit', async (t) => {
  for (const answer of [
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhell\r\n1\r\no\r\n',
  ]) {
    const { client, backend } = await setUp(t, answering(answer))
    await t.rejects(ask(client, request, { ...options, limit: 4 }), { name: 'BackendFailure', code: 'backend-broken' })
    await backend.connections[0]?.closed
  }
  const { client } = await setUp(t, answering('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhell'))
  t.equal((await ask(client, request, { ...options, limit: 4 })).body.length, 4)
})

t.test('a HEAD may speak of more than the limit', async (t) => {
  const { client } = await setUp(t, answering('HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n'))
  t.equal((await ask(client, { ...request, method: 'HEAD' }, options)).status, 200)
})

t.test('the time-out covers the body too', async (t) => {
  const { client, backend } = await setUp(t, async (connection) => {
    await connection.head()
    connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no')
  })
  await t.rejects(ask(client, request, { ...options, timeout: 50 }), { name: 'BackendFailure', code: 'backend-slow' })
  await backend.connections[0]?.closed
})

t.test('rejects with the failure of the exchange', async (t) => {
  const { client } = await setUp(t, (connection) => connection.end('HTTP/1.1 200'))
  await t.rejects(ask(client, request, options), { name: 'BackendFailure', code: 'backend-reset' })
})

t.test('rejects with the TypeError of a request that cannot be sent', async (t) => {
  const { client } = await setUp(t, () => {})
  await t.rejects(ask(client, { ...request, target: '/\r\n' }, options), TypeError)
})

t.test('a signal ends it, before or while it runs, with its own reason', async (t) => {
  const abortion = new AbortController()
  const mine = new Error('mine')
  const { client, backend } = await setUp(t, async (connection) => {
    await connection.head()
    abortion.abort(mine)
  })
  await t.rejects(ask(client, request, { ...options, signal: abortion.signal }), mine)
  await backend.connections[0]?.closed
  await t.rejects(ask(client, request, { ...options, signal: abortion.signal }), mine)
  t.equal(backend.connections.length, 1)
})
