import t, { type Test } from 'tap'
import type { RawConnection } from '../fakes/raw-backend.ts'
import { answerOn, ask, handshake, request } from './support/client.ts'
import { strictGateway } from './support/gateway.ts'
import { asJupyter, jupyterBackend, opening, type Script } from './support/jupyter-backend.ts'
import { acceptedAt, connectedTo, settled } from './support/sockets.ts'

// What widespread proxies for Node get wrong, each as a promise of its own.

const HUNDRED = 100
const none = (count: number) => count === 0

async function setUp(t: Test, script: Script) {
  const backend = await jupyterBackend(t, 'a', script)
  const gateway = await strictGateway(t, [backend])
  return { backend, gateway, channels: `/api/kernels/${backend.jupyter.hasKernel()}/channels?session_id=` }
}

t.test('a DELETE in chunks that hide a request is one request, and the hidden one a body', async (t) => {
  const hidden = request('GET', '/hidden')
  let body = ''
  const { backend, gateway } = await setUp(t, async (asked, jupyter) => {
    if (asked.method === 'DELETE') body = await asked.connection.takeThrough('\r\n0\r\n\r\n')
    return asJupyter(asked, jupyter)
  })
  const client = gateway.connect()
  const chunk = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`
  client.write(`DELETE /files/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`)
  await answerOn(client)
  await ask(gateway.connect(), request('GET', '/files/control'))
  t.same(
    backend.asked.map(({ method, target }) => `${method} ${target}`),
    ['DELETE /files/a', 'GET /files/control'],
  )
  t.match(backend.asked[0]?.head, /^transfer-encoding: chunked\r$/im)
  t.equal(body, chunk)
})

t.test('no other protocol is asked for: h2c is answered as if nobody had said it', async (t) => {
  const { backend, gateway } = await setUp(t, asJupyter)
  const wish = ['Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__']
  for (const fields of [['Connection: Upgrade, HTTP2-Settings', ...wish], wish]) {
    t.not((await ask(gateway.connect(), request('GET', '/files/a', fields))).status, 101)
    t.notMatch(backend.asked.at(-1)?.head, /upgrade|http2-settings|h2c/i)
  }
  t.equal(backend.asked.length, 2)
})

for (const [how, leave] of [
  ['a reset', (connection: RawConnection) => connection.reset()],
  ['an end', (connection: RawConnection) => connection.end()],
] as const) {
  t.test(`100 open WebSockets whose backend goes by ${how} are ended, and no socket is left`, async (t) => {
    const { backend, gateway, channels } = await setUp(t, opening)
    const clients = await opened(HUNDRED, gateway, channels)
    for (const { connection } of backend.asked) leave(connection)
    await Promise.all(clients.map(({ closed }) => closed))
    t.equal(await settled(() => acceptedAt(gateway.port), none), 0)
  })

  t.test(`100 open WebSockets whose clients go by ${how} are ended, and no socket is left`, async (t) => {
    const { backend, gateway, channels } = await setUp(t, opening)
    for (const client of await opened(HUNDRED, gateway, channels)) leave(client)
    await Promise.all(backend.asked.map(({ connection }) => connection.closed))
    t.equal(await settled(() => acceptedAt(gateway.port), none), 0)
  })
}

for (const [when, script] of [
  ['before their answers', ({ connection }) => connection.closed],
  [
    'inside them',
    ({ connection }) => {
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nbegun')
      return connection.closed
    },
  ],
] as const satisfies readonly (readonly [string, Script])[]) {
  t.test(`100 clients that go ${when} have their backend's connections ended`, async (t) => {
    const { backend, gateway } = await setUp(t, script)
    const clients = Array.from({ length: HUNDRED }, () => gateway.connect())
    for (const client of clients) client.write(request('GET', '/files/a'))
    await backend.heard(HUNDRED)
    if (when === 'inside them') await Promise.all(clients.map((client) => client.takeThrough('begun')))
    for (const client of clients) client.reset()
    await Promise.all(backend.asked.map(({ connection }) => connection.closed))
    t.equal(await settled(() => acceptedAt(gateway.port), none), 0)
    // Those of its probes and surveys rest.
    t.ok(
      (await settled(
        () => connectedTo(backend.port),
        (count) => count < 10,
      )) < 10,
    )
  })
}

t.test('one packet ends nobody: trailers announced, names of JavaScript, and a reset behind it', async (t) => {
  const { backend, gateway } = await setUp(t, async (asked, jupyter) => {
    await asked.connection.takeThrough('0\r\n')
    return asJupyter(asked, jupyter)
  })
  const fields = ['Trailer: a', '__proto__: a', 'constructor: a', 'toString: a', 'Transfer-Encoding: chunked']
  const packet = `${request('POST', '/files/a', fields)}1\r\na\r\n0\r\n__proto__: b\r\n\r\n`
  for (let count = 0; count < 10; count++) {
    const client = gateway.connect()
    client.write(packet)
    await new Promise((resolve) => client.socket.once('connect', resolve))
    client.reset()
  }
  t.equal((await ask(gateway.connect(), packet)).status, 404, 'by Jupyter, which has no such file')
  t.match(backend.asked.at(-1)?.head, '\r\n__proto__: a\r\nconstructor: a\r\ntoString: a\r\n')
})

/** So many WebSockets, each accepted by the backend. */
async function opened(count: number, gateway: { connect(): RawConnection }, channels: string) {
  const clients = Array.from({ length: count }, () => gateway.connect())
  const statuses = clients.map(async (client, at) => (await ask(client, handshake(`${channels}${at}`))).status)
  for (const status of await Promise.all(statuses)) if (status !== 101) throw new Error(`a handshake was ${status}`)
  return clients
}
