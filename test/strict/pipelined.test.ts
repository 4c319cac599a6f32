import t from 'tap'
import { answerOn, ask, handshake, request } from './support/client.ts'
import { strictGateway } from './support/gateway.ts'
import { jupyterBackend, opening, saying, switching } from './support/jupyter-backend.ts'

const ok = saying('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')

t.test('bytes that come in one packet with an upgrade reach the backend once, behind its 101', async (t) => {
  const backend = await jupyterBackend(t, 'a', opening)
  const gateway = await strictGateway(t, [backend])
  const client = gateway.connect()
  const target = `/api/kernels/${backend.jupyter.hasKernel()}/channels`
  const { status } = await ask(client, `${handshake(target)}early `)
  t.equal(status, 101)
  client.end('late')
  const [asked] = backend.asked
  await asked?.connection.closed
  t.equal(asked?.connection.received.toString(), 'early late')
})

t.test('bytes that come before the 101, in a packet of their own, reach the backend once and in order', async (t) => {
  const switched = Promise.withResolvers<void>()
  const backend = await jupyterBackend(t, 'a', async (asked) => {
    await switched.promise
    asked.connection.write(switching(asked))
    await asked.connection.closed
  })
  const gateway = await strictGateway(t, [backend])
  const client = gateway.connect()
  const target = `/api/kernels/${backend.jupyter.hasKernel()}/channels`
  client.write(`${handshake(target)}early `)
  await backend.heard(1)
  await new Promise((resolve) => client.socket.write('later ', resolve))
  // What was written before it has then been read: another exchange has gone through the whole gateway.
  await ask(gateway.connect(), request('GET', '/api/kernels'))
  switched.resolve()
  t.equal((await answerOn(client)).status, 101)
  client.end('last')
  await backend.asked[0]?.connection.closed
  t.equal(backend.asked[0]?.connection.received.toString(), 'early later last')
})

t.test('a request hidden behind an upgrade that is refused is never heard', async (t) => {
  const backend = await jupyterBackend(t, 'a', saying('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'))
  const gateway = await strictGateway(t, [backend])
  const client = gateway.connect()
  const target = `/api/kernels/${backend.jupyter.hasKernel()}/channels`
  t.equal((await ask(client, `${handshake(target)}${request('GET', '/hidden')}`)).status, 403)
  await client.closed
  t.equal(client.received.length, 0)
  t.same(
    backend.asked.map((asked) => asked.target),
    [target],
  )
})

t.test('requests that follow each other at once are answered in their order, each heard once', async (t) => {
  const backend = await jupyterBackend(t, 'a', ({ connection, target }) => {
    connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`)
  })
  const gateway = await strictGateway(t, [backend])
  const client = gateway.connect()
  const targets = ['/files/1', '/files/22', '/files/333', '/files/4444']
  client.write(targets.map((target) => request('GET', target)).join(''))
  for (const target of targets) t.equal((await answerOn(client)).body, target)
  t.same(backend.asked.map(({ target }) => target).sort(), targets)
})

t.test('garbage behind an answered request is told 400, ends the connection and reaches no backend', async (t) => {
  const backend = await jupyterBackend(t, 'a', ok)
  const gateway = await strictGateway(t, [backend])
  const client = gateway.connect()
  t.equal((await ask(client, request('GET', '/files/a'))).body, 'ok')
  t.equal((await ask(client, `garbage\r\n\r\n${request('GET', '/hidden')}`)).status, 400)
  await client.closed
  t.same(
    backend.asked.map(({ target }) => target),
    ['/files/a'],
  )
})

for (const [what, bytes] of [
  ['garbage', 'garbage\r\n\r\n'],
  ['an upgrade that is wrong', handshake('/api/kernels')],
] as const) {
  t.test(`${what} behind a request that is not answered yet is refused behind that answer`, async (t) => {
    const said = Promise.withResolvers<void>()
    const backend = await jupyterBackend(t, 'a', async ({ connection }) => {
      await said.promise
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
    const gateway = await strictGateway(t, [backend])
    const client = gateway.connect()
    client.write(request('GET', '/files/a'))
    await backend.heard(1)
    client.write(`${bytes}${request('GET', '/hidden')}`)
    await ask(gateway.connect(), request('POST', '/api/shutdown'))
    t.equal(client.received.length, 0, 'a refusal would be taken for the answer to the first request')
    said.resolve()
    t.match(await answerOn(client), { status: 200, body: 'ok' })
    t.equal((await answerOn(client)).status, 400)
    t.equal(await client.closed, 'end')
    t.equal(backend.asked.length, 1)
  })
}
