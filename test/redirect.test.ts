import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { HostList } from '../gateway/limits/host-list.ts'
import { createLog } from '../gateway/observe/log.ts'
import { createRedirect, redirection } from '../gateway/redirect.ts'
import { listening } from './fakes/listening.ts'
import { RawConnection } from './fakes/raw-backend.ts'

const everyHost = new HostList([])

function ask(
  target: string,
  hosts: readonly string[],
  { publicPort = 443, allowed = everyHost, version = '1.1' } = {},
) {
  const headers = hosts.flatMap((host) => ['Host', host])
  const outcome = redirection({ method: 'GET', target, headers, version }, { publicPort, hosts: allowed })
  return 'location' in outcome ? outcome.location : (outcome.failure ?? 'not here')
}

t.test('the same address is named with https and the public port', async (t) => {
  const rows: [target: string, host: string, port: number, location: string][] = [
    ['/', 'jupyter.example', 443, 'https://jupyter.example/'],
    [
      '/lab/tree/a%20b.ipynb?reset&x=1',
      'jupyter.example',
      443,
      'https://jupyter.example/lab/tree/a%20b.ipynb?reset&x=1',
    ],
    ['/', 'jupyter.example:80', 443, 'https://jupyter.example/'],
    ['/', 'jupyter.example:8080', 8443, 'https://jupyter.example:8443/'],
    ['/', '192.0.2.1:80', 443, 'https://192.0.2.1/'],
    ['/', '[2001:db8::1]:80', 443, 'https://[2001:db8::1]/'],
    ['/', '[2001:db8::1]', 8443, 'https://[2001:db8::1]:8443/'],
    ['//other.example/x', 'jupyter.example', 443, 'https://jupyter.example//other.example/x'],
    ['http://jupyter.example/a?b', 'jupyter.example', 443, 'https://jupyter.example/a?b'],
    ['http://jupyter.example', 'jupyter.example', 443, 'https://jupyter.example/'],
  ]
  for (const [target, host, publicPort, location] of rows) {
    t.equal(ask(target, [host], { publicPort }), location, `${host} ${target}`)
  }
})

t.test('no Host leads anywhere but to itself', async (t) => {
  for (const host of [
    '',
    'a@b.example',
    'jupyter.example@other.example',
    'other.example/',
    'other.example/x?',
    'other.example#',
    'other.example\\x',
    'a, b',
    'a b',
    'jupyter.example:99999',
    'jupyter.example:80:80',
    'jupyter.example:',
    'jupyter.example:x',
    '[::1',
    '[::1]x',
    '[nothing]',
    '%2f',
    'é.example',
  ]) {
    t.equal(ask('/', [host]), 'bad-host', host)
  }
  t.equal(ask('/', ['a.example', 'a.example']), 'bad-host', 'two of them')
  t.equal(ask('/', []), 'bad-host', 'none')
  t.equal(ask('/', [], { version: '1.0' }), 'bad-host', 'none, with HTTP/1.0')
  t.equal(ask('http://other.example/', ['jupyter.example']), 'bad-host', 'the target names another')
})

t.test('names that are not allowed are not redirected', async (t) => {
  const allowed = new HostList(['jupyter.example'])
  t.equal(ask('/', ['jupyter.example:80'], { allowed }), 'https://jupyter.example/')
  t.equal(ask('/', ['other.example'], { allowed }), 'misdirected')
})

t.test('what is no address of a page is refused', async (t) => {
  for (const target of ['*', 'jupyter.example:443', 'lab', '/a\\b', '/a#b', '/%ff']) {
    t.equal(ask(target, ['jupyter.example']), 'bad-target', target)
  }
})

t.test('challenges of ACME are not here', async (t) => {
  for (const path of [
    '/.well-known/acme-challenge/abc',
    '/.well-known/acme-challenge',
    '/x/../.well-known//acme-challenge/a',
  ]) {
    t.equal(ask(path, ['jupyter.example']), 'not here', path)
  }
  t.equal(ask('/.well-known/other', ['jupyter.example']), 'https://jupyter.example/.well-known/other')
})

/** A listener, and a way to say bytes to it and read all that it answers until it ends the connection. */
async function start(t: Test) {
  const redirect = createRedirect({ publicPort: 8443, hosts: [], log: createLog('off') })
  t.teardown(() => redirect.close())
  const { port } = await redirect.listen({ host: '127.0.0.1', port: 0 })
  return async (bytes: string) => {
    const connection = new RawConnection(connect(port, '127.0.0.1'))
    connection.write(bytes)
    await connection.closed
    return connection.received.toString('latin1')
  }
}

t.test('every request is answered 308 and ends its connection', async (t) => {
  const say = await start(t)
  for (const rest of [
    'GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n',
    'HEAD /a HTTP/1.1\r\nHost: a.example\r\n\r\n',
    'OPTIONS /a HTTP/1.1\r\nHost: a.example\r\n\r\n',
    'DELETE /a HTTP/1.1\r\nHost: a.example\r\n\r\n',
    'POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\n\r\nab',
    'POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n',
    'GET /a HTTP/1.1\r\nHost: a.example\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.1\r\nHost: a.example\r\n\r\n',
  ]) {
    const answer = await say(rest)
    const title = rest.split('\r\n', 1)[0] ?? ''
    t.match(answer, /^HTTP\/1\.1 308 .*\r\nLocation: https:\/\/a\.example:8443\/a\r\n/s, title)
    t.match(answer, /\r\nConnection: close\r\n/, title)
    t.equal(answer.split('HTTP/1.1').length, 2, 'one answer')
  }
})

t.test('what would open a WebSocket is redirected like a page', async (t) => {
  const say = await start(t)
  const key = 'dGhlIHNhbXBsZSBub25jZQ=='
  const answer = await say(
    `GET /api/events/subscribe HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  )
  t.match(answer, /^HTTP\/1\.1 308 /)
})

t.test('what is no request is answered 400 and ends its connection', async (t) => {
  const say = await start(t)
  t.match(await say('nonsense\r\n\r\n'), /^HTTP\/1\.1 400 /)
  t.match(await say('GET / HTTP/1.1\r\nHost: a@b\r\n\r\n'), /^HTTP\/1\.1 400 .*exactly one valid Host/s)
  t.match(await say(`GET / HTTP/1.1\r\nHost: a.example\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 4\d\d /)
})

t.test('connections that cannot be taken in, for want of files or memory, do not end the gateway', async (t) => {
  const servers = listening(t)
  const say = await start(t)
  for (const server of servers)
    for (let failed = 0; failed < 2; failed++) server.emit('error', new Error('accept ENFILE'))
  t.equal(servers.length, 1)
  t.match(await say('GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n'), /^HTTP\/1\.1 308 /)
})
