import { type Duplex, duplexPair } from 'node:stream'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { Account } from '../../gateway/request/account.ts'
import { SocketAnswer } from '../../gateway/request/node-answer.ts'

function setUp() {
  const [client, socket] = duplexPair()
  const account = new Account(1, 0)
  const closed = new Promise<void>((resolve) => {
    account.onClose = resolve
  })
  return { client, socket, account, closed, answer: new SocketAnswer(socket, account) }
}

const finish = async (client: Duplex) => {
  const all = await text(client)
  client.end()
  return all
}

t.test('a handshake that is refused gets a whole HTTP answer, and the connection ends', async (t) => {
  const { answer, client, account, closed } = setUp()
  answer.head(403, '', ['Content-Length', '2', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'])
  answer.write(Buffer.from('no'))
  answer.end()
  t.equal(
    await finish(client),
    'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: close\r\n\r\nno',
  )
  await closed
  t.match(account, { status: 403, bytesOut: 2, failure: undefined })
})

t.test('without a length it is sent in chunks', async (t) => {
  const { answer, client } = setUp()
  answer.head(404, 'Not Here', [])
  answer.write(Buffer.from('0123456789abcdef'))
  answer.end()
  t.equal(
    await finish(client),
    'HTTP/1.1 404 Not Here\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n',
  )
})

t.test('a 204 has no body and no chunks', async (t) => {
  const { answer, client } = setUp()
  answer.head(204, '', [])
  answer.end()
  t.equal(await finish(client), 'HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n')
})

t.test('a client that leaves before the answer is noticed: by its end as by its reset', async (t) => {
  for (const leave of [(client: Duplex) => client.end(), (_: Duplex, socket: Duplex) => socket.destroy()]) {
    const { answer, client, socket, account, closed } = setUp()
    let told = 0
    answer.onGone(() => told++)
    leave(client, socket)
    await closed
    t.equal(told, 1)
    t.equal(answer.gone, true)
    t.equal(account.failure, 'client-gone')
    client.destroy()
  }
})

t.test('once the connection is another’s, its end is not ours to tell', async (t) => {
  const { answer, client, socket, account } = setUp()
  answer.onGone(() => t.fail('nobody is gone'))
  answer.release()
  const ended = new Promise((resolve) => socket.once('end', resolve))
  socket.resume()
  client.end()
  await ended
  t.equal(account.failure, undefined)
  socket.destroy()
})
