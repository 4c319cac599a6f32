import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { connected, get, heard, request, say, startFront } from './support.ts'

t.test('a connection that says nothing is ended without a word, but not before its time', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  client.write(get('/'))
  say(await front.next(), 'ok')
  t.equal(await heard(client), 'ok')
  front.clock.pass(74_000)
  client.write(get('/again'))
  say(await front.next(), 'again')
  t.equal(await heard(client), 'again')
  front.clock.pass(77_000)
  t.equal(await client.closed, 'end')
  t.equal(client.received.length, 0)
  t.same(front.malformed, [])
})

t.test('so is one that has never said anything', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  await connected(client)
  client.write('')
  while (front.counts.open === 0) await new Promise((resolve) => setImmediate(resolve))
  front.clock.pass(77_000)
  t.equal(await client.closed, 'end')
})

t.test('a head that is not whole in time is answered 408, however steadily it comes', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  client.write(get('/'))
  say(await front.next(), 'ok')
  t.equal(await heard(client), 'ok')
  client.write('GET / HTTP/1.1\r\n')
  for (let second = 0; second < 60 && client.received.length === 0; second++) {
    if (client.socket.writable) client.write(`X-${second}: a\r\n`)
    await new Promise((resolve) => setImmediate(resolve))
    front.clock.pass(1_000)
  }
  t.match(await client.head(), /^HTTP\/1\.1 408 Request Timeout\r\n/)
  await client.closed
  t.same(front.malformed, ['head-too-slow: the head was not whole in time'])
})

t.test('a body that stops coming is cut, and whoever reads it learns why', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  client.write(`${request('PUT', '/', 'Content-Length: 10')}half`)
  const { body, answer } = await front.nextHttp()
  await once(body.stream, 'readable')
  front.clock.pass(59_000)
  client.write('more')
  while (body.stream.readableLength < 8) await new Promise((resolve) => setImmediate(resolve))
  front.clock.pass(59_000)
  t.equal(body.stream.destroyed, false, 'each part has its own time')
  const reading = text(body.stream)
  front.clock.pass(3_000)
  await t.rejects(reading)
  t.equal(body.cut, 'body-too-slow')
  answer.head(408, '', ['Content-Length', '0'])
  answer.end([])
  t.match(await client.head(), /^HTTP\/1\.1 408 [\s\S]*Connection: close/)
  await client.closed
})

t.test('a client that waits for its reader, or to be told to continue, is not late', async (t) => {
  const front = await startFront(t)
  const held = front.connect()
  const bytes = 8 * 1024 * 1024
  held.write(request('PUT', '/', `Content-Length: ${bytes}`))
  held.socket.write(Buffer.alloc(bytes))
  const slowly = await front.nextHttp()
  while (slowly.body.stream.readableLength < 64 * 1024) await new Promise((resolve) => setImmediate(resolve))
  const polite = front.connect()
  polite.write(request('PUT', '/', 'Content-Length: 4', 'Expect: 100-continue'))
  const expecting = await front.nextHttp()
  front.clock.pass(1_000_000)
  t.equal(slowly.body.stream.destroyed, false)
  t.equal(expecting.body.stream.destroyed, false)
  expecting.answer.inform(100, [])
  polite.write('body')
  t.equal(await text(expecting.body.stream), 'body')
  let read = 0
  for await (const part of slowly.body.stream) read += part.length
  t.equal(read, bytes)
})

t.test('but once told to continue it must', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  client.write(request('PUT', '/', 'Content-Length: 4', 'Expect: 100-continue'))
  const { body, answer } = await front.nextHttp()
  answer.inform(100, [])
  const reading = text(body.stream)
  front.clock.pass(62_000)
  await t.rejects(reading)
  t.equal(body.cut, 'body-too-slow')
})

t.test('an exchange has no time-out of the front', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  client.write(get('/'))
  const exchange = await front.next()
  front.clock.pass(1_000_000)
  say(exchange, 'at last')
  t.equal(await heard(client), 'at last')
})
