import t from 'tap'
import { handshake, request } from './support/client.ts'
import { strictGateway } from './support/gateway.ts'
import { jupyterBackend } from './support/jupyter-backend.ts'

const cut = {
  'with a length': 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart',
  'in chunks': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n',
  'in chunks, cut inside one': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\npart',
} as const
const clients = {
  'HTTP/1.1': request('GET', '/files/a'),
  'HTTP/1.0': 'GET /files/a HTTP/1.0\r\nHost: a\r\n\r\n',
  'HTTP/1.0 with keep-alive': 'GET /files/a HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n',
} as const

for (const [title, bytes] of Object.entries(cut)) {
  for (const [version, question] of Object.entries(clients)) {
    for (const how of ['end', 'reset'] as const) {
      t.test(`a body ${title}, cut by the backend's ${how}, looks cut to a client of ${version}`, async (t) => {
        const backend = await jupyterBackend(t, 'a', ({ connection }) => connection.write(bytes))
        const gateway = await strictGateway(t, [backend])
        const client = gateway.connect()
        client.write(question)
        const head = await client.head()
        const body = await client.takeThrough('part')
        backend.asked[0]?.connection[how]()
        const ending = await client.closed
        t.notMatch(body + client.received, '0\r\n\r\n', 'no last chunk')
        // Where nothing but the end of the connection is the end of the body, only a reset is no such end.
        const isFramed = /^(?:content-length|transfer-encoding):/im.test(head)
        t.ok(isFramed || ending === 'error', head)
        t.equal(version === 'HTTP/1.1' || !/^transfer-encoding/im.test(head), true, 'no chunks for HTTP/1.0')
      })
    }
  }
}

t.test('the body of a refused handshake that is cut looks cut', async (t) => {
  for (const bytes of Object.values(cut)) {
    const backend = await jupyterBackend(t, 'a', ({ connection }) => connection.write(bytes.replace('200', '403')))
    const gateway = await strictGateway(t, [backend])
    const client = gateway.connect()
    client.write(handshake(`/api/kernels/${backend.jupyter.hasKernel()}/channels`))
    t.match(await client.head(), /^HTTP\/1.1 403 .*\r\n(?:content-length: 100|transfer-encoding: chunked)\r\n/i)
    await client.takeThrough('part')
    backend.asked[0]?.connection.end()
    await client.closed
    t.notMatch(client.received.toString(), '0\r\n\r\n')
  }
})

t.test('a body that only the end of the connection ends is whole by its end and cut by a reset', async (t) => {
  for (const how of ['end', 'reset'] as const) {
    const backend = await jupyterBackend(t, 'a', ({ connection }) => connection.write('HTTP/1.1 200 OK\r\n\r\npart'))
    const gateway = await strictGateway(t, [backend])
    const client = gateway.connect()
    client.write(request('GET', '/files/a'))
    await client.takeThrough('part')
    backend.asked[0]?.connection[how]()
    if (how === 'end') t.equal(await client.takeThrough('0\r\n\r\n'), '\r\n0\r\n\r\n')
    else await client.closed
    t.equal(client.received.length, how === 'end' ? 0 : 2, 'of the chunk its last line')
  }
})

t.test('a request body whose chunks are broken ends both connections, and no backend takes it for whole', async (t) => {
  for (const chunk of [
    '+5\r\nhello\r\n0\r\n\r\n',
    '5\nhello\r\n0\r\n\r\n',
    '5\r\nhello0\r\n\r\n',
    '4\r\nhello\r\n0\r\n\r\n',
  ]) {
    const backend = await jupyterBackend(t, 'a', ({ connection }) => connection.closed)
    const gateway = await strictGateway(t, [backend])
    const client = gateway.connect()
    client.write('PUT /api/contents/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
    await backend.heard(1)
    client.write(`${chunk}${request('GET', '/hidden')}`)
    await client.closed
    const connection = backend.asked[0]?.connection
    await connection?.closed
    t.notMatch(connection?.received.toString(), '0\r\n\r\n', JSON.stringify(chunk))
    t.equal(backend.asked.length, 1)
  }
})
