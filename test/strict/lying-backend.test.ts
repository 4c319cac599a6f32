import t from 'tap'
import { acceptOf } from '../../gateway/upstream/websocket-accept.ts'
import { answerOn, ask, handshake, request } from './support/client.ts'
import { strictGateway } from './support/gateway.ts'
import { type Asked, jupyterBackend, type Script } from './support/jupyter-backend.ts'

const switching = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
const wrongAccept = `${switching}Sec-WebSocket-Accept: ${acceptOf('another key')}\r\n\r\n`
const evil = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil'

/** Writes as long as somebody reads. */
async function flood({ connection }: Asked, first: string, more: string): Promise<void> {
  const pour = () => {
    while (connection.socket.writable && connection.socket.write(more)) {}
  }
  connection.write(first)
  connection.socket.on('drain', pour)
  pour()
  await connection.closed
}

/** Lies where asked to, and otherwise says which address it was asked for. */
const lying = (lie: Script): Script => {
  return (asked, jupyter) => {
    if (/lie/.test(asked.target)) return lie(asked, jupyter)
    const { connection, target } = asked
    connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`)
  }
}

const say = (bytes: string): Script => {
  return ({ connection }) => connection.write(bytes)
}

const lies: readonly (readonly [what: string, kind: 'request' | 'handshake', lie: Script])[] = [
  ['a 101 that nobody asked for', 'request', say(`${switching}\r\n`)],
  ['a 101 that nobody asked for, with an answer behind', 'request', say(`${switching}\r\n${evil}`)],
  ['a wrong Sec-WebSocket-Accept', 'handshake', say(wrongAccept)],
  ['a 101 without Sec-WebSocket-Accept', 'handshake', say(`${switching}\r\n`)],
  ['a head without end', 'request', (asked) => flood(asked, 'HTTP/1.1 200 OK\r\n', 'X-A: b\r\n')],
  ['a header without end', 'request', (asked) => flood(asked, 'HTTP/1.1 200 OK\r\nX-A: ', 'b'.repeat(1024))],
  ['a head without end for a handshake', 'handshake', (asked) => flood(asked, switching, 'X-A: b\r\n')],
  ['interim answers without end', 'request', (asked) => flood(asked, '', 'HTTP/1.1 102 Processing\r\n\r\n')],
  ['two lengths', 'request', say('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\nevil')],
  [
    'a length and chunks',
    'request',
    say('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
  ],
  ['no HTTP', 'request', say('SSH-2.0-OpenSSH_9.9\r\n')],
]

for (const [what, kind, lie] of lies) {
  t.test(`${what}: 503, the backend’s connection ends, and the next exchange gets its own answer`, async (t) => {
    const backend = await jupyterBackend(t, 'a', lying(lie))
    const gateway = await strictGateway(t, [backend])
    const kernel = `/api/kernels/${backend.jupyter.hasKernel()}`
    const client = gateway.connect()
    const bytes = kind === 'handshake' ? handshake(`${kernel}/channels?lie`) : request('GET', '/files/lie')
    let answer = await ask(client, bytes)
    while (answer.status === 102) answer = await answerOn(client) // those before there were too many
    t.equal(answer.status, 503)
    await backend.asked[0]?.connection.closed
    t.equal(backend.asked.length, 1, 'it was not asked again')
    for (const target of ['/files/1', '/files/22']) {
      t.match(await ask(gateway.connect(), request('GET', target)), { status: 200, body: target })
    }
    t.match(await ask(client, request('GET', '/files/333')), { status: 200, body: '/files/333' })
  })
}

for (const [what, answer] of [
  ['its length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['its last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
  ['a 204', 'HTTP/1.1 204 No Content\r\n\r\n'],
] as const) {
  t.test(`an answer behind ${what} is given to nobody, whether it comes at once or later`, async (t) => {
    for (const when of ['at once', 'later']) {
      const backend = await jupyterBackend(t, 'a', lying(say(when === 'later' ? answer : answer + evil)))
      const gateway = await strictGateway(t, [backend])
      const client = gateway.connect()
      const first = await ask(client, request('GET', '/files/lie'))
      t.match(first, { status: answer.includes('204') ? 204 : 200 })
      const connection = backend.asked[0]?.connection
      if (when === 'later') connection?.write(evil)
      await connection?.closed
      t.match(await ask(client, request('GET', '/files/1')), { status: 200, body: '/files/1' })
      t.match(await ask(gateway.connect(), request('GET', '/files/22')), { status: 200, body: '/files/22' })
    }
  })
}

t.test('a body in answer to HEAD is given to nobody', async (t) => {
  const backend = await jupyterBackend(t, 'a', lying(say(evil)))
  const gateway = await strictGateway(t, [backend])
  const client = gateway.connect()
  client.write(request('HEAD', '/files/lie'))
  t.match(await client.head(), /^HTTP\/1.1 200 /)
  await backend.asked[0]?.connection.closed
  t.match(await ask(client, request('GET', '/files/1')), { status: 200, body: '/files/1' })
})
