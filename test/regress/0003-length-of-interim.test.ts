import t from 'tap'
import { answerOn, ask, handshake, request } from '../strict/support/client.ts'
import { strictGateway } from '../strict/support/gateway.ts'
import { jupyterBackend, switching } from '../strict/support/jupyter-backend.ts'

// `Content-Length: 0` in a 1xx or a 101 is harmless to us, and was passed on; RFC 9110 8.6 forbids it, because some
// client takes what has a length for the answer itself, and the answer for the next one's.
t.test('an interim answer and a 101 lose their Content-Length', async (t) => {
  const backend = await jupyterBackend(t, 'a', async (asked) => {
    const { connection } = asked
    connection.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 0\r\n\r\n')
    if (!asked.target.includes('channels')) return connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    connection.write(switching(asked).replace('\r\n\r\n', '\r\nContent-Length: 0\r\n\r\n'))
    await connection.closed
  })
  const client = (await strictGateway(t, [backend])).connect()
  const hint = await ask(client, request('GET', '/files/a'))
  t.match(hint.head, /^HTTP\/1.1 103 [\s\S]*^Link: <\/a>\r$/m)
  t.notMatch(hint.head, /content-length/i)
  t.match(await answerOn(client), { status: 200, body: 'ok' })
  t.equal((await ask(client, handshake(`/api/kernels/${backend.jupyter.hasKernel()}/channels`))).status, 103)
  const { status, head } = await answerOn(client)
  t.equal(status, 101)
  t.notMatch(head, /content-length/i)
})
