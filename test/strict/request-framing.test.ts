import t from 'tap'
import { answerOn, ask, request } from './support/client.ts'
import { strictGateway } from './support/gateway.ts'
import { asJupyter, jupyterBackend } from './support/jupyter-backend.ts'

const get = 'GET /files/a HTTP/1.1\r\nHost: a\r\n'
const post = 'POST /files/a HTTP/1.1\r\nHost: a\r\n'
const hello = '5\r\nhello\r\n0\r\n\r\n'

const refused: readonly (readonly [what: string, status: number, bytes: string])[] = [
  ['both a length and a coding', 400, `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${hello}`],
  ['both a coding and a length', 400, `${post}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n${hello}`],
  ['two lengths', 400, `${post}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`],
  ['one length twice', 400, `${post}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`],
  ['a list of lengths', 400, `${post}Content-Length: 5, 5\r\n\r\nhello`],
  ['a length with a sign', 400, `${post}Content-Length: +5\r\n\r\nhello`],
  ['a negative length', 400, `${post}Content-Length: -5\r\n\r\nhello`],
  ['a length with a space inside', 400, `${post}Content-Length: 1 1\r\n\r\nhello`],
  ['a hexadecimal length', 400, `${post}Content-Length: 0x5\r\n\r\nhello`],
  ['an empty length', 400, `${post}Content-Length: \r\n\r\nhello`],
  ['a length that no number holds', 400, `${post}Content-Length: 9007199254740993\r\n\r\nhello`],
  ['the coding xchunked', 501, `${post}Transfer-Encoding: xchunked\r\n\r\n${hello}`],
  ['an unknown coding at the end', 400, `${post}Transfer-Encoding: chunked, gzip\r\n\r\n${hello}`],
  ['an unknown coding before chunked', 501, `${post}Transfer-Encoding: gzip, chunked\r\n\r\n${hello}`],
  ['chunked twice in one line', 400, `${post}Transfer-Encoding: chunked, chunked\r\n\r\n${hello}`],
  ['chunked in two lines', 400, `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n${hello}`],
  ['a folded header', 400, `${get}X-A: b\r\n c\r\n\r\n`],
  ['a space before a colon', 400, `${get}X-A : b\r\n\r\n`],
  ['a space before the first header', 400, 'GET /files/a HTTP/1.1\r\n Host: a\r\n\r\n'],
  ['a header without a name', 400, `${get}: b\r\n\r\n`],
  ['bare line feeds', 400, 'GET /files/a HTTP/1.1\nHost: a\n\n'],
  ['a bare line feed in a value', 400, `${get}X-A: b\nX-C: d\r\n\r\n`],
  ['a bare carriage return in a value', 400, `${get}X-A: b\rX-C: d\r\n\r\n`],
  ['a NUL in a value', 400, `${get}X-A: b\0c\r\n\r\n`],
  ['a NUL in a name', 400, `${get}X-\0A: b\r\n\r\n`],
  ['HTTP/2.0', 505, 'GET /files/a HTTP/2.0\r\nHost: a\r\n\r\n'],
  ['HTTP/1.2', 505, 'GET /files/a HTTP/1.2\r\nHost: a\r\n\r\n'],
  ['HTTP/0.9 by name', 505, 'GET /files/a HTTP/0.9\r\nHost: a\r\n\r\n'],
  ['HTTP/0.9 as it was', 400, 'GET /files/a\r\n\r\n'],
  ['chunked in HTTP/1.0', 400, `POST /files/a HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${hello}`],
  ['no Host', 400, 'GET /files/a HTTP/1.1\r\n\r\n'],
  ['two Hosts', 400, `${get}Host: b\r\n\r\n`],
  ['one Host twice', 400, `${get}Host: a\r\n\r\n`],
  ['a Host whose port is no number', 400, 'GET /files/a HTTP/1.1\r\nHost: a:b\r\n\r\n'],
  ['a Host whose port is too large', 400, 'GET /files/a HTTP/1.1\r\nHost: a:65536\r\n\r\n'],
  ['an expectation that cannot be met', 417, `${post}Content-Length: 5\r\nExpect: wonders\r\n\r\nhello`],
]

const backend = await jupyterBackend(t, 'a', asJupyter)
const gateway = await strictGateway(t, [backend])

for (const [what, status, bytes] of refused) {
  t.test(`${what}: ${status}, the connection ends, and no backend hears of it or of what is behind`, async (t) => {
    const before = backend.asked.length
    const client = gateway.connect()
    client.write(`${bytes}${request('GET', '/hidden')}`)
    const answer = await answerOn(client)
    t.equal(answer.status, status)
    t.match(answer.head, /^connection: close\r$/im)
    t.type(JSON.parse(answer.body).message, 'string')
    t.equal(await client.closed, 'end')
    t.equal(client.received.length, 0)
    // Whatever had been sent on would have come before this.
    await ask(gateway.connect(), request('GET', '/files/control'))
    t.same(
      backend.asked.slice(before).map(({ target }) => target),
      ['/files/control'],
    )
  })
}
