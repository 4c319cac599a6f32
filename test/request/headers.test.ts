import t from 'tap'
import { Trust } from '../../gateway/limits/trust.ts'
import { Account } from '../../gateway/request/account.ts'
import type { Client } from '../../gateway/request/exchange.ts'
import {
  clientOf,
  idOf,
  toBackend,
  toBackendForReading,
  toClient,
  toClientUpgrade,
} from '../../gateway/request/headers.ts'
import { handshakeHeaders, headOf } from '../fakes/fake-exchange.ts'

const client = { address: '192.0.2.7', encrypted: true }
const ours = (host: string) => [
  'X-Forwarded-For',
  '192.0.2.7',
  'X-Forwarded-Proto',
  'https',
  'X-Forwarded-Host',
  host,
  'X-Request-Id',
  'x-1',
]
const account = new Account('x-1', 0)
const sent = (headers: string[], who: Client = client) => toBackend({ head: headOf({ headers }), client: who, account })

t.test('order, case and duplicates stay', async (t) => {
  const headers = ['hOsT', 'a.example', 'X-One', '1', 'cookie', 'a=1', 'X-One', '2', 'Cookie', 'b=2', 'x-ONE', '3']
  t.strictSame(sent(headers), [...headers, ...ours('a.example')])
})

t.test('Host stays as the client wrote it', async (t) => {
  t.strictSame(sent(['Host', 'A.Example:8443']).slice(0, 2), ['Host', 'A.Example:8443'])
})

t.test('what belongs to the client’s connection stays there, and so does what Connection names', async (t) => {
  const hops = [
    ...[
      'Connection',
      'keep-alive, X-Mine',
      'connection',
      'x-other',
      'Keep-Alive',
      'timeout=5',
      'Proxy-Connection',
      'x',
    ],
    ...['Proxy-Authorization', 'Basic x', 'Proxy-Authenticate', 'x', 'TE', 'gzip', 'Trailer', 'X', 'Upgrade', 'h2c'],
    ...['Transfer-Encoding', 'chunked', 'HTTP2-Settings', 'x', 'X-Mine', '1', 'X-OTHER', '2'],
  ]
  t.strictSame(sent(['Host', 'a', ...hops, 'Accept', '*/*']), ['Host', 'a', 'Accept', '*/*', ...ours('a')])
})

t.test('the length is left to whoever writes the body', async (t) => {
  t.strictSame(sent(['Host', 'a', 'content-length', '5']), ['Host', 'a', ...ours('a')])
})

t.test('what a client says of its own forwarding is replaced by what we see', async (t) => {
  const spoofed = [
    ...[
      'X-Forwarded-For',
      '1.2.3.4',
      'x-forwarded-for',
      '5.6.7.8',
      'X-Forwarded-Proto',
      'http',
      'X-Real-IP',
      '1.2.3.4',
    ],
    ...[
      'Forwarded',
      'for=1.2.3.4',
      'X-Scheme',
      'http',
      'X-Forwarded-Host',
      'evil',
      'X-Forwarded-Port',
      '1',
      'X-Forwarded-Anything',
      'x',
    ],
  ]
  t.strictSame(sent(['Host', 'a', ...spoofed]), ['Host', 'a', ...ours('a')])
  const plain = sent(['Host', 'a', ...spoofed], { address: '::1', encrypted: false })
  t.strictSame(plain, [
    'Host',
    'a',
    'X-Forwarded-For',
    '::1',
    'X-Forwarded-Proto',
    'http',
    'X-Forwarded-Host',
    'a',
    'X-Request-Id',
    'x-1',
  ])
})

t.test('credentials and everything about origin pass', async (t) => {
  const headers = [
    'Host',
    'a',
    'Authorization',
    'token t',
    'Cookie',
    'c=1',
    'X-XSRFToken',
    'x',
    'Origin',
    'https://a',
    'Referer',
    'https://a/',
  ]
  t.strictSame(sent(headers), [...headers, ...ours('a')])
})

t.test('a WebSocket’s own headers pass', async (t) => {
  const headers = sent([...handshakeHeaders, 'Sec-WebSocket-Protocol', 'v1.kernel.websocket.jupyter.org'])
  t.ok(headers.includes('Sec-WebSocket-Key'))
  t.ok(headers.includes('v1.kernel.websocket.jupyter.org'))
  t.notOk(headers.includes('Upgrade'))
})

t.test('an answer that is read here is asked for whole, unpacked and unconditionally', async (t) => {
  const headers = [
    'Host',
    'a',
    'Accept-Encoding',
    'gzip',
    'If-None-Match',
    '"x"',
    'If-Modified-Since',
    'x',
    'Range',
    'bytes=0-1',
    'If-Range',
    'x',
    'Expect',
    '100-continue',
    'Accept',
    '*/*',
  ]
  t.strictSame(toBackendForReading({ head: headOf({ headers }), client, account }), [
    'Host',
    'a',
    'Accept',
    '*/*',
    ...ours('a'),
  ])
})

t.test('an answer keeps order, case and duplicates, without what belongs to the backend’s connection', async (t) => {
  const kept = [
    'Server',
    'TornadoServer',
    'Set-Cookie',
    'a=1',
    'set-cookie',
    'b=2',
    'Content-Length',
    '5',
    'Date',
    'now',
  ]
  const hops = [
    'Connection',
    'close, X-Mine',
    'X-Mine',
    '1',
    'Keep-Alive',
    'x',
    'Transfer-Encoding',
    'chunked',
    'Upgrade',
    'h2',
    'TE',
    'x',
    'Proxy-Authenticate',
    'x',
    'Trailer',
    'X-T',
  ]
  t.strictSame(toClient([...kept, ...hops], { keepTrailer: false }), kept)
})

t.test('Trailer stays where trailers are passed on', async (t) => {
  t.strictSame(toClient(['Trailer', 'X-T'], { keepTrailer: true }), ['Trailer', 'X-T'])
})

t.test('a backend cannot take away an answer’s length, cookies, place or type by naming them', async (t) => {
  const headers = ['Content-Length', '5', 'Set-Cookie', 'a=1', 'Location', '/x', 'Content-Type', 'text/html']
  const named = ['Connection', 'content-length, Set-Cookie, location, content-type']
  t.strictSame(toClient([...headers, ...named], { keepTrailer: false }), headers)
})

t.test('a 101 says what it says of the connection, once, and keeps protocol and cookies', async (t) => {
  const backend = [
    'Upgrade',
    'websocket',
    'Connection',
    'Upgrade',
    'Sec-WebSocket-Accept',
    'x',
    'Sec-WebSocket-Protocol',
    'p',
    'Set-Cookie',
    'a=1',
  ]
  t.strictSame(toClientUpgrade(backend), [
    ...[
      'Connection',
      'Upgrade',
      'Upgrade',
      'websocket',
      'Sec-WebSocket-Accept',
      'x',
      'Sec-WebSocket-Protocol',
      'p',
      'Set-Cookie',
      'a=1',
    ],
  ])
})

t.test('behind trusted proxies the chain is told, and the client by itself', async (t) => {
  const via = ['10.0.0.2', '10.0.0.1']
  t.strictSame(sent(['Host', 'a', 'X-Real-IP', '1.2.3.4'], { ...client, via }), [
    ...['Host', 'a', 'X-Forwarded-For', '192.0.2.7, 10.0.0.2, 10.0.0.1', 'X-Forwarded-Proto', 'https'],
    ...['X-Real-IP', '192.0.2.7', 'X-Forwarded-Host', 'a', 'X-Request-Id', 'x-1'],
  ])
})

t.test('a trusted peer says who the client is; what else is known of the connection stays', async (t) => {
  const head = headOf({ headers: ['X-Forwarded-For', '1.2.3.4', 'x-forwarded-for', '198.51.100.7'] })
  const peer = { address: '10.0.0.1', encrypted: true, known: 'this' }
  t.same(clientOf(head, peer, new Trust(['10.0.0.0/8'])), { ...peer, address: '198.51.100.7', via: ['10.0.0.1'] })
  t.equal(clientOf(head, peer, new Trust([])), peer)
})

t.test('the name of an exchange is ours, unless a trusted proxy has given it one', async (t) => {
  const trust = new Trust(['192.0.2.0/24'])
  const id = (headers: string[], address = '192.0.2.7') => idOf(headOf({ headers }), { ...client, address }, trust)
  t.equal(id(['X-Request-Id', 'a1-B2:c.3=']), 'a1-B2:c.3=')
  t.equal(id(['X-Request-Id', 'a'], '198.51.100.1'), undefined, 'of a stranger')
  t.equal(id([]), undefined)
  for (const bad of ['', 'a b', 'ü', 'x'.repeat(129)]) t.equal(id(['X-Request-Id', bad]), undefined, bad)
  t.equal(id(['X-Request-Id', 'a', 'x-request-id', 'b']), undefined, 'two')
  t.strictSame(sent(['Host', 'a', 'x-request-ID', 'mine']), ['Host', 'a', ...ours('a')])
})

t.test('an operator’s session at the admin listener is shown to no server', async (t) => {
  const headers = [
    'Host',
    'a',
    'Cookie',
    'b=1; pyli-operator=5.x.y',
    'cookie',
    'pyli-operator=5.x.y',
    'X',
    'pyli-operator',
  ]
  t.strictSame(sent(headers), ['Host', 'a', 'Cookie', 'b=1', 'X', 'pyli-operator', ...ours('a')])
})
