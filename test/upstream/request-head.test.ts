import t from 'tap'
import { createBackendClient } from '../../gateway/upstream/backend-client.ts'
import type { BackendRequest } from '../../gateway/upstream/client.ts'
import { requestHead } from '../../gateway/upstream/request-head.ts'
import { get, Recorder } from '../fakes/recorder.ts'

const headOf = (request: Partial<BackendRequest>) => requestHead({ ...get, ...request }, 'backend:8888')

t.test('method, target and headers go as they are', async (t) => {
  const request = {
    method: 'PROPFIND',
    target: '//a/../%2e\\?é=1'.replace('é', '\xe9'),
    headers: ['HOST', 'x', 'a', '', 'A', '\xe9'],
  }
  t.equal(headOf(request), 'PROPFIND //a/../%2e\\?\xe9=1 HTTP/1.1\r\nHOST: x\r\na: \r\nA: \xe9\r\n\r\n')
})

t.test('a missing Host is the backend itself', async (t) => {
  t.equal(headOf({ headers: [] }), 'GET / HTTP/1.1\r\nHost: backend:8888\r\n\r\n')
})

t.test('the framing comes from the body', async (t) => {
  const framing = (method: string, body: BackendRequest['body']) =>
    headOf({ method, body, headers: ['Host', 'x'] })
      .split('\r\n')
      .slice(2, -2)
  const source = {} as never
  t.same(framing('GET', { kind: 'none' }), [])
  t.same(framing('DELETE', { kind: 'none' }), [])
  t.same(framing('POST', { kind: 'none' }), ['Content-Length: 0'])
  t.same(framing('POST', { kind: 'bytes', bytes: Buffer.from('é') }), ['Content-Length: 2'])
  t.same(framing('POST', { kind: 'stream', source, length: 7 }), ['Content-Length: 7'])
  t.same(framing('POST', { kind: 'stream', source, length: undefined }), ['Transfer-Encoding: chunked'])
})

t.test('an upgrade asks for a WebSocket', async (t) => {
  t.match(headOf({ upgrade: 'websocket' }), '\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n')
})

const refused: [title: string, request: Partial<BackendRequest>][] = [
  ['an empty method', { method: '' }],
  ['a method with a space', { method: 'GET /x HTTP/1.1\r\n\r\nGET' }],
  ['CONNECT, whose answer would be a tunnel', { method: 'CONNECT' }],
  ['an empty target', { target: '' }],
  ['an absolute target', { target: 'http://elsewhere/' }],
  ['a target with a space', { target: '/a b' }],
  ['a target with CRLF', { target: '/ HTTP/1.1\r\nEvil: 1\r\n\r\n' }],
  ['a target with NUL', { target: '/\0' }],
  ['a target with what latin1 would cut to LF', { target: '/\u010a' }],
  ['a header name with CRLF', { headers: ['A\r\nEvil', 'b'] }],
  ['a header name with a colon', { headers: ['A: b', 'c'] }],
  ['an empty header name', { headers: ['', 'b'] }],
  ['a header value with CR', { headers: ['A', 'b\rEvil: 1'] }],
  ['a header value with LF', { headers: ['A', 'b\nEvil: 1'] }],
  ['a header value that ends with LF', { headers: ['A', 'b\n'] }],
  ['a header value with NUL', { headers: ['A', 'b\0'] }],
  ['a header value with what latin1 would cut to CRLF', { headers: ['A', 'b\u010d\u010aEvil: 1'] }],
  ['a header without a value', { headers: ['A'] }],
  ['a Content-Length of another', { headers: ['content-length', '5'] }],
  ['a Transfer-Encoding of another', { headers: ['TRANSFER-ENCODING', 'chunked'] }],
  ['a Connection of another', { headers: ['Connection', 'close'] }],
  ['an Upgrade of another', { headers: ['Upgrade', 'h2c'] }],
  ['a length that is none', { body: { kind: 'stream', source: {} as never, length: -1 } }],
  ['a length beyond numbers', { body: { kind: 'stream', source: {} as never, length: Number.NaN } }],
  ['an upgrade with a body', { upgrade: 'websocket', body: { kind: 'bytes', bytes: Buffer.from('x') } }],
  ['an upgrade by POST', { upgrade: 'websocket', method: 'POST' }],
]

for (const [title, request] of refused) {
  t.test(`refuses ${title}`, async (t) => {
    t.throws(() => headOf(request), TypeError)
  })
}

t.test('a refused request opens no connection and calls nobody', async (t) => {
  const client = createBackendClient({ host: '127.0.0.1', port: 1, connectTimeout: 60_000 })
  const recorder = new Recorder()
  t.throws(() => client.dispatch({ ...get, target: '/\r\n' }, recorder), TypeError)
  t.throws(() => client.dispatch({ ...get, upgrade: 'websocket' }, recorder), TypeError, 'an upgrade without a key')
  await new Promise((resolve) => setImmediate(resolve))
  t.same(recorder.told, [])
})
