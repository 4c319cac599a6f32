import t from 'tap'
import { answerOn, ask, request } from './support/client.ts'
import { strictGateway } from './support/gateway.ts'
import { jupyterBackend, saying } from './support/jupyter-backend.ts'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload; as=style\r\nX-Secret: a\r\n\r\n'
const old = 'GET /files/a HTTP/1.0\r\nHost: a\r\n\r\n'

async function speaking(t: Parameters<typeof jupyterBackend>[0], bytes: string) {
  const backend = await jupyterBackend(t, 'a', saying(bytes))
  return { client: (await strictGateway(t, [backend])).connect() }
}

t.test('the links of a 103 are passed on before the answer', async (t) => {
  const { client } = await speaking(t, `${hints}${ok}`)
  const hint = await ask(client, request('GET', '/files/a'))
  t.equal(hint.status, 103)
  t.match(hint.head, /^link: <\/a\.css>; rel=preload; as=style\r$/im)
  t.match(await answerOn(client), { status: 200, body: 'ok' })
})

t.test('every interim answer is passed on as it comes, without the headers of its connection', async (t) => {
  for (const [status, headers] of [
    [103, ''],
    [103, 'Link: nonsense\r\n'],
    [102, ''],
    [102, 'X-Progress: half\r\nConnection: X-Hop\r\nX-Hop: a\r\nKeep-Alive: a\r\n'],
  ] as const) {
    const { client } = await speaking(t, `HTTP/1.1 ${status} \r\n${headers}\r\n${ok}`)
    const interim = await ask(client, request('GET', '/files/a'))
    t.equal(interim.status, status)
    t.match(interim.head, /^(?:link|x-progress)|\r\n\r\n$/im)
    t.notMatch(interim.head, /connection|hop|keep-alive/i)
    t.match(await answerOn(client), { status: 200, body: 'ok' })
  }
})

t.test('a client of HTTP/1.0 hears no interim answer', async (t) => {
  const { client } = await speaking(t, `HTTP/1.1 100 Continue\r\n\r\n${hints}${ok}`)
  t.match(await ask(client, old), { status: 200, body: 'ok' })
})

const put = 'PUT /api/contents/a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n'

t.test('a client that waits for a 100 hears the backend’s, and its body follows', async (t) => {
  const backend = await jupyterBackend(t, 'a', async ({ connection }) => {
    connection.write('HTTP/1.1 100 Continue\r\n\r\n')
    const body = await connection.takeBytes(2)
    connection.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${body}`)
  })
  const client = (await strictGateway(t, [backend])).connect()
  t.equal((await ask(client, put)).status, 100)
  t.match(await ask(client, '{}'), { status: 200, body: '{}' })
})

t.test('a client that waits for a 100 and is refused hears no 100', async (t) => {
  const { client } = await speaking(t, 'HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n')
  t.equal((await ask(client, put)).status, 417)
  await client.closed
})

const trailing = (trailers: string) =>
  `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\n${trailers}\r\n`

t.test('trailers are passed on, without those that say how to read a message or who speaks', async (t) => {
  const { client } = await speaking(t, trailing('X-Sum: 1\r\nContent-Length: 5\r\nSet-Cookie: a=b\r\nLocation: /\r\n'))
  client.write(request('GET', '/files/a'))
  t.match(await client.head(), /^trailer: X-Sum\r$/im)
  t.equal(await client.takeThrough('\r\n\r\n'), '2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n')
})

t.test('a client of HTTP/1.0 gets the body, and neither trailers nor their announcement', async (t) => {
  const { client } = await speaking(t, trailing('X-Sum: 1\r\n'))
  const { head, body } = await ask(client, old)
  t.notMatch(head, /^trailer:/im)
  t.equal(body, 'ok')
  t.equal(await client.closed, 'end')
})
