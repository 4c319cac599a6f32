import t from 'tap'
import { asksForWebSocket, checkHead, checkUpgrade } from '../../gateway/request/check.ts'
import { parseTarget, type Target } from '../../gateway/request/target.ts'
import { handshakeHeaders, headOf, type RequestOptions } from '../fakes/fake-exchange.ts'

function check(options: RequestOptions): string | undefined {
  const head = headOf(options)
  return checkHead(head, parseTarget(head.target) as Target)
}

const without = (name: string) => handshakeHeaders.filter((_, i) => handshakeHeaders[i - (i % 2)] !== name)
const changed = (name: string, value: string) =>
  handshakeHeaders.map((part, i) => (i % 2 === 1 && handshakeHeaders[i - 1] === name ? value : part))

t.test('exactly one Host that is an authority and nothing more', async (t) => {
  for (const host of [
    'localhost',
    'a.example',
    'a.example:8443',
    '127.0.0.1:80',
    '[::1]',
    '[fd00::1]:8443',
    'A-b_c.example',
  ]) {
    t.equal(check({ headers: ['Host', host] }), undefined, host)
    t.equal(check({ headers: ['hOST', host] }), undefined, host)
  }
  const bad = [
    '',
    ' ',
    'a b',
    'a,b',
    'user@a',
    'a/b',
    'http://a',
    'a:b',
    'a:',
    'a:123456',
    '[::1',
    '[zz]',
    '[1.2.3.4]',
    'a?b',
    'a#b',
    '::1',
  ]
  for (const host of bad) t.equal(check({ headers: ['Host', host] }), 'bad-host', JSON.stringify(host))
  t.equal(check({ headers: ['Host', 'a', 'Host', 'a'] }), 'bad-host', 'the same twice')
  t.equal(check({ headers: ['Host', 'a', 'host', 'b'] }), 'bad-host')
  t.equal(check({ headers: [] }), 'bad-host')
})

t.test('HTTP/1.0 knew no Host, but one that comes must be right', async (t) => {
  t.equal(check({ headers: [], version: '1.0' }), undefined)
  t.equal(check({ headers: ['Host', 'a'], version: '1.0' }), undefined)
  t.equal(check({ headers: ['Host', 'a/b'], version: '1.0' }), 'bad-host')
})

t.test('an absolute form must name the host that Host names', async (t) => {
  t.equal(check({ target: 'http://a.example/x', headers: ['Host', 'a.example'] }), undefined)
  t.equal(check({ target: 'http://A.EXAMPLE/x', headers: ['Host', 'a.example'] }), undefined)
  t.equal(check({ target: 'http://evil.example/x', headers: ['Host', 'good.example'] }), 'bad-host')
  t.equal(check({ target: 'http://a.example:80/x', headers: ['Host', 'a.example:81'] }), 'bad-host')
  t.equal(check({ target: 'http://user@a.example/x', headers: ['Host', 'a.example'] }), 'bad-host')
  t.equal(check({ target: 'http:///x', headers: ['Host', 'a.example'] }), 'bad-host')
})

t.test('the only expectation is 100-continue', async (t) => {
  const expect = (...values: string[]) =>
    check({ headers: ['Host', 'a', ...values.flatMap((value) => ['Expect', value])] })
  t.equal(expect('100-continue'), undefined)
  t.equal(expect('100-Continue'), undefined)
  t.equal(expect('200-ok'), 'expectation-unknown')
  t.equal(expect(''), 'expectation-unknown')
  t.equal(expect('100-continue', '100-continue'), 'expectation-unknown')
  t.equal(expect('100-continue, x'), 'expectation-unknown')
})

t.test('Connection must not take away what decides who asks for what', async (t) => {
  const connection = (value: string) => check({ headers: ['Host', 'a', 'Connection', value] })
  for (const value of ['close', 'keep-alive', 'Upgrade', 'keep-alive, Upgrade', 'x-mine', 'close, TE', 'accept']) {
    t.equal(connection(value), undefined, value)
  }
  const names = [
    'Host',
    'Cookie',
    'Authorization',
    'Content-Length',
    'X-Forwarded-For',
    'x-forwarded-proto',
    'X-XSRFToken',
    'Origin',
    'Forwarded',
  ]
  for (const name of names) {
    t.equal(connection(name), 'bad-request', name)
    t.equal(connection(`close , ${name.toLowerCase()}`), 'bad-request', name)
  }
})

t.test('only a request that names both websocket and upgrade asks for a WebSocket', async (t) => {
  t.ok(asksForWebSocket(handshakeHeaders))
  t.ok(asksForWebSocket(['connection', 'keep-alive, Upgrade', 'upgrade', 'WebSocket']))
  t.notOk(asksForWebSocket(['Connection', 'Upgrade, HTTP2-Settings', 'Upgrade', 'h2c']))
  t.notOk(asksForWebSocket(['Upgrade', 'websocket']))
  t.notOk(asksForWebSocket(['Connection', 'Upgrade']))
})

t.test('a handshake is whole, of version 13, and has no body', async (t) => {
  const upgrade = (headers: readonly string[], options: RequestOptions = {}) =>
    checkUpgrade(headOf({ headers, ...options }))
  t.equal(upgrade(handshakeHeaders), undefined)
  t.equal(upgrade([...handshakeHeaders, 'Content-Length', '0']), undefined)
  t.equal(upgrade([...handshakeHeaders, 'Content-Length', '5']), 'bad-upgrade')
  t.equal(upgrade([...handshakeHeaders, 'Transfer-Encoding', 'chunked']), 'bad-upgrade')
  t.equal(upgrade(handshakeHeaders, { method: 'POST' }), 'bad-upgrade')
  t.equal(upgrade(handshakeHeaders, { version: '1.0' }), 'bad-upgrade')
  t.equal(upgrade(changed('Upgrade', 'websocket, h2c')), 'bad-upgrade')
  t.equal(upgrade(changed('Sec-WebSocket-Version', '8')), 'bad-upgrade')
  t.equal(upgrade(changed('Sec-WebSocket-Version', '13, 8')), 'bad-upgrade')
  t.equal(upgrade(without('Sec-WebSocket-Version')), 'bad-upgrade')
  t.equal(upgrade(without('Sec-WebSocket-Key')), 'bad-upgrade')
  t.equal(upgrade([...handshakeHeaders, 'Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==']), 'bad-upgrade')
  for (const key of [
    '',
    'short==',
    'dGhlIHNhbXBsZSBub25jZQ=',
    'dGhlIHNhbXBsZSBub25jZSEh',
    'dGhl IHNhbXBsZSBub25jZQ==',
  ]) {
    t.equal(upgrade(changed('Sec-WebSocket-Key', key)), 'bad-upgrade', key)
  }
})
