import { once } from 'node:events'
import t from 'tap'
import { answerOn, handshake } from './support/client.ts'
import { strictGateway } from './support/gateway.ts'
import { type Asked, jupyterBackend, opening } from './support/jupyter-backend.ts'
import { acceptedAt, settled } from './support/sockets.ts'

const target = '/api/events/subscribe'

const allClosed = (asked: readonly Asked[]) => Promise.all(asked.map(({ connection }) => connection.closed))

for (const [how, leave] of [
  ['ends its connection', 'end'],
  ['resets its connection', 'reset'],
] as const) {
  t.test(`100 listeners to events, each of which ${how}, leave no socket open`, async (t) => {
    const backends = [await jupyterBackend(t, 'a', opening), await jupyterBackend(t, 'b', opening)]
    const gateway = await strictGateway(t, backends)
    const clients = Array.from({ length: 100 }, () => gateway.connect())
    await Promise.all(
      clients.map(async (client, i) => {
        client.write(handshake(target))
        t.equal((await answerOn(client)).status, 101)
        // Half of them leave before the second stream is opened.
        if (i % 2 === 0) await Promise.all(backends.map((backend) => backend.heard(100)))
        client[leave]()
        await client.closed
      }),
    )
    t.equal(
      await settled(
        () => acceptedAt(gateway.port),
        (count) => count === 0,
      ),
      0,
    )
    await Promise.all(backends.map(({ asked }) => allClosed(asked)))
  })
}

t.test('a listener that says goodbye is answered and its connection ended at once', async (t) => {
  const gateway = await strictGateway(t, [await jupyterBackend(t, 'a', opening)])
  const client = gateway.connect()
  client.write(handshake(target))
  t.equal((await answerOn(client)).status, 101)
  client.write(Buffer.from([0x88, 0x80, 1, 2, 3, 4])) // a close frame, masked, without a code
  await client.closed
  t.equal(
    await settled(
      () => acceptedAt(gateway.port),
      (count) => count === 0,
    ),
    0,
  )
})

t.test('100 listeners that leave while the backend makes up its mind leave no socket open', async (t) => {
  const decided = Promise.withResolvers<void>()
  const backend = await jupyterBackend(t, 'a', async (asked) => {
    await decided.promise
    await opening(asked, backend.jupyter)
  })
  const gateway = await strictGateway(t, [backend])
  const clients = Array.from({ length: 100 }, () => gateway.connect())
  for (const client of clients) client.write(handshake(target))
  await backend.heard(100)
  for (const client of clients) client.reset()
  t.equal(
    await settled(
      () => acceptedAt(gateway.port),
      (count) => count === 0,
    ),
    0,
  )
  decided.resolve()
  await allClosed(backend.asked)
  t.equal(backend.asked.length, 100, 'and nobody was subscribed anew')
})

t.test('100 listeners that a backend refuses hear its words, and leave no socket open', async (t) => {
  const backend = await jupyterBackend(t, 'a', ({ connection }) => {
    connection.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')
  })
  const gateway = await strictGateway(t, [backend])
  const clients = Array.from({ length: 100 }, () => gateway.connect())
  const answers = clients.map((client) => {
    client.write(handshake(target))
    return answerOn(client)
  })
  for (const answer of answers) t.match(await answer, { status: 403, body: 'no' })
  t.equal(
    await settled(
      () => acceptedAt(gateway.port),
      (count) => count === 0,
    ),
    0,
  )
  await allClosed(backend.asked)
})

t.test('a refusal of events that does not end is not collected: its connection is closed', async (t) => {
  const most = 32 * 1024 * 1024
  let sent = 0
  const part = `10000\r\n${'n'.repeat(0x10000)}\r\n`
  const endless = await jupyterBackend(t, 'a', async ({ connection }) => {
    connection.write('HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n')
    for (; sent < most && !connection.socket.destroyed; sent += part.length) {
      if (connection.socket.write(part)) continue
      await Promise.race([once(connection.socket, 'drain'), connection.closed]).catch(() => {}) // reset
    }
  })
  const gateway = await strictGateway(t, [endless])
  const client = gateway.connect()
  client.write(handshake(target))
  t.equal((await answerOn(client)).status, 503)
  await allClosed(endless.asked)
  t.ok(sent < most, `${sent} bytes were sent`)
})
