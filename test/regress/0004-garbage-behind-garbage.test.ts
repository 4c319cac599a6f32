import { once } from 'node:events'
import t from 'tap'
import { request, say, startFront } from '../front/support.ts'

// A body that had turned out to be malformed was read on, by a reader that is of no use after it has thrown: each packet
// of garbage was refused, and told to the log, once more.
t.test('behind a body that is malformed nothing more is read', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  client.write(`${request('PUT', '/', 'Transfer-Encoding: chunked')}`)
  const exchange = await front.nextHttp()
  exchange.body.stream.on('error', () => {})
  client.write('x\r\n')
  await once(exchange.body.stream, 'close')
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => client.socket.write('x\r\n0\r\n\r\n', resolve))
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.same(front.malformed, ['bad-request: a chunk has no size'])
  say(exchange, 'no', 400)
  t.match(await client.head(), /^HTTP\/1.1 400 [\s\S]*Connection: close/)
  await client.closed
  t.equal(front.malformed.length, 1)
})
