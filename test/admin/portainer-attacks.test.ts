import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createAdmin } from '../../gateway/admin/admin.ts'
import { sealSession } from '../../gateway/admin/session.ts'
import { operatorCookie } from '../../gateway/limits/operator-cookie.ts'
import { createLog } from '../../gateway/observe/log.ts'
import { acceptOf } from '../../gateway/upstream/websocket-accept.ts'
import { FakeOperations } from '../fakes/fake-operations.ts'
import { RawConnection, rawBackend } from '../fakes/raw-backend.ts'

const token = 'an-operators-token'
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** The admin listener before bytes that are no more than like Portainer. */
async function setUp(t: Test, script: (connection: RawConnection, number: number) => unknown) {
  const portainer = await rawBackend(t, script)
  const config = { adminToken: token, portainer, allowHosts: [], loginAttempts: 'off' } as const
  const admin = createAdmin({
    operations: new FakeOperations(),
    config,
    log: createLog('off'),
    now: () => performance.now(),
  })
  const { port } = await admin.listen({ host: '127.0.0.1', port: 0 })
  const clients: RawConnection[] = []
  t.teardown(() => {
    for (const { socket } of clients) socket.destroy()
    admin.close()
  })
  const open = () => {
    const client = new RawConnection(connect({ host: '127.0.0.1', port, noDelay: true }))
    clients.push(client)
    return client
  }
  const head = (
    method: string,
    target: string,
    fields: readonly string[] = [],
    proof = `Authorization: Bearer ${token}`,
  ) => `${[`${method} ${target} HTTP/1.1`, `Host: 127.0.0.1:${port}`, proof, ...fields].join('\r\n')}\r\n\r\n`
  const logIn = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token }),
    })
    return (answer.headers.get('set-cookie') ?? '').split(';', 1)[0] as string
  }
  return { portainer, admin, config, open, head, logIn }
}

const handshake = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const consoleOf = [...handshake, `Sec-WebSocket-Key: ${key}`]
const switching = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`

t.test('a request hidden in the chunks of a DELETE is a body to Portainer as well', async (t) => {
  const heads: string[] = []
  const { open, head } = await setUp(t, async (connection) => {
    for (;;) {
      heads.push(await connection.head())
      if (heads.length === 1) await connection.takeThrough('0\r\n\r\n')
      connection.write(ok)
    }
  })
  const hidden = head('GET', '/hidden')
  const client = open()
  client.write(
    `${head('DELETE', '/portainer/a', ['Transfer-Encoding: chunked'])}${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
  )
  t.match(await client.head(), /^HTTP\/1\.1 200 /)
  await sleep(20)
  t.equal(heads.length, 1)
  t.match(heads[0], /^DELETE \/a HTTP\/1\.1[\s\S]*transfer-encoding: chunked/i)
})

t.test('an upgrade with a body is none: what follows it is nobody’s request', async (t) => {
  const heads: string[] = []
  const { open, head } = await setUp(t, async (connection) => {
    for (;;) {
      const asked = await connection.head()
      heads.push(asked)
      const [, length = '0'] = /^content-length: (\d+)/im.exec(asked) ?? []
      heads.push((await connection.takeBytes(Number(length))).toString())
      connection.write('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
    }
  })
  for (const method of ['GET', 'POST']) {
    heads.length = 0
    const client = open()
    client.write(`${head(method, '/portainer/api/websocket/exec', ['Content-Length: 5', ...consoleOf])}12345`)
    await client.head()
    const next = open()
    next.write(head('GET', '/portainer/next'))
    t.match(await next.head(), /^HTTP\/1\.1 404 /)
    t.match(heads.at(-2), /^GET \/next /)
    t.notMatch(heads[0], /^upgrade:/im)
  }
})

for (const [title, answer] of [
  ['a status that there is not', 'HTTP/1.1 099 What\r\nContent-Length: 0\r\n\r\n'],
  ['control characters in its reason', 'HTTP/1.1 200 O\x01K\r\nContent-Length: 0\r\n\r\n'],
  ['both framings', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  [
    'a 101 that nobody asked for',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
  ],
  ['garbage', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
] as const) {
  t.test(`an answer with ${title} is 503, and ends nothing else`, async (t) => {
    const { open, head } = await setUp(t, async (connection) => {
      await connection.head()
      connection.write(answer)
    })
    const client = open()
    client.write(head('GET', '/portainer/'))
    t.match(await client.head(), /^HTTP\/1\.1 503 /)
    const other = open()
    other.write(head('GET', '/healthz'))
    t.match(await other.head(), /^HTTP\/1\.1 200 /)
  })
}

t.test('an answer that is cut looks cut', async (t) => {
  const { open, head } = await setUp(t, async (connection) => {
    await connection.head()
    connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n')
    await sleep(20)
    connection.reset()
  })
  const client = open()
  client.write(head('GET', '/portainer/'))
  await client.closed
  t.notMatch(client.received.toString(), '0\r\n\r\n')
})

t.test('a handshake without a key, or a 101 that does not fit it, opens nothing', async (t) => {
  const { open, head } = await setUp(t, async (connection) => {
    await connection.head()
    connection.write(switching.replace(acceptOf(key), acceptOf('another')))
  })
  for (const fields of [handshake, consoleOf]) {
    const client = open()
    client.write(head('GET', '/portainer/api/websocket/exec', fields))
    t.match(await client.head(), /^HTTP\/1\.1 [45]\d\d /)
    await client.closed
  }
})

t.test('a client that goes ends what was asked for it, before an answer and within', async (t) => {
  const { open, head, portainer } = await setUp(t, async (connection, number) => {
    await connection.head()
    if (number % 2 === 0) connection.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun')
  })
  for (const number of [0, 1]) {
    const client = open()
    client.write(head('GET', '/portainer/'))
    while (portainer.connections.length <= number) await sleep(1)
    if (number === 0) await client.takeThrough('begun')
    client.reset()
    await portainer.connections[number]?.closed
  }
  t.pass('both connections have ended')
})

t.test('another token ends the consoles of those who came in with the old one', async (t) => {
  const { open, head, logIn, admin, config, portainer } = await setUp(t, async (connection) => {
    await connection.head()
    connection.write(`${switching}hello`)
  })
  const client = open()
  client.write(head('GET', '/portainer/api/websocket/exec', consoleOf, `Cookie: ${await logIn()}`))
  t.match(await client.head(), /^HTTP\/1\.1 101 /)
  t.equal((await client.takeBytes(5)).toString(), 'hello')
  admin.renew({ ...config, adminToken: 'another-operators-token' })
  await Promise.all([client.closed, portainer.connections[0]?.closed])
  t.pass('both ends are gone')
})

t.test('a console ends with the session that it was opened in', async (t) => {
  const { open, head } = await setUp(t, async (connection) => {
    await connection.head()
    connection.write(switching)
  })
  const client = open()
  const session = `${operatorCookie}=${sealSession(token, Date.now() + 200)}`
  client.write(head('GET', '/portainer/api/websocket/exec', consoleOf, `Cookie: ${session}`))
  t.match(await client.head(), /^HTTP\/1\.1 101 /)
  await client.closed
  t.pass('it has ended')
})

t.test('without a token there is no Portainer, whatever the options once said', async (t) => {
  const { open, head, admin, config, portainer } = await setUp(t, async (connection) => {
    await connection.head()
    connection.write(ok)
  })
  admin.renew({ ...config, adminToken: undefined })
  const client = open()
  client.write(head('GET', '/portainer/', [], 'X-A: b'))
  t.match(await client.head(), /^HTTP\/1\.1 40[134] /)
  t.equal(portainer.connections.length, 0)
})

t.test('a forged session beside a right one does not lock its owner out', async (t) => {
  const { open, head, logIn } = await setUp(t, async (connection) => {
    const asked = await connection.head()
    connection.write(
      `HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Heard: ${/^cookie: .*$/im.exec(asked)?.[0] ?? 'none'}\r\n\r\n`,
    )
  })
  const session = await logIn()
  for (const target of ['/portainer/', '/session']) {
    const client = open()
    // Any page of this host may set one for a longer path, which browsers then send first.
    client.write(head('GET', target, [], `Cookie: ${operatorCookie}=forged; ${session}`))
    const answer = await client.head()
    t.match(answer, /^HTTP\/1\.1 200 /)
    if (target === '/portainer/') t.match(answer, 'X-Heard: none')
  }
})

t.test('a path goes on as it came, and none leads past the prefix or ends the gateway', async (t) => {
  const heard: string[] = []
  const { open, head } = await setUp(t, async (connection) => {
    for (;;) {
      heard.push((await connection.head()).split(' ', 2)[1] as string)
      connection.write(ok)
    }
  })
  const paths = ['//evil.example/', '/../backends', '/%00', '/?a=\\']
  for (const path of paths) {
    const client = open()
    client.write(head('GET', `/portainer${path}`))
    t.match(await client.head(), /^HTTP\/1\.1 200 /, path)
  }
  t.same(heard, paths)
})
