import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { listening } from '../fakes/listening.ts'
import { connected, get, heard, request, say, startFront, upgrade } from './support.ts'

t.test('pipelined requests are handed on one after the other, each when the answer before it is out', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  client.write(`${get('/1') + request('PUT', '/2', 'Content-Length: 4')}body${get('/3')}`)
  let handedOn = 0
  for (const target of ['/1', '/2', '/3']) {
    const exchange = await front.nextHttp()
    t.equal(exchange.head.target, target)
    if (target === '/2') t.equal(await text(exchange.body.stream), 'body')
    t.equal(front.closed.length, handedOn++)
    say(exchange, target)
    t.equal(await heard(client), target)
  }
})

t.test(
  'ten thousand requests in one go, answered at once, are answered in order and without end of the stack',
  async (t) => {
    const front = await startFront(t, { onExchange: (exchange) => say(exchange, exchange.head.target) })
    const client = front.connect()
    const targets = Array.from({ length: 10_000 }, (_, i) => `/${i}`)
    client.write(targets.map((target) => get(target)).join(''))
    for (const target of targets) if ((await heard(client)) !== target) t.fail(target)
  },
)

t.test('a client that sends more than may wait is held back, and served when its turn comes', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  client.write(get('/slow'))
  const slow = await front.next()
  const many = get('/x').repeat(200_000)
  const flushed = new Promise((resolve) => client.socket.write(many, resolve))
  await connected(client)
  say(slow, 'slow')
  t.equal(await heard(client), 'slow')
  for (let i = 0; i < 200_000; i++) {
    const exchange = await front.next()
    say(exchange, '')
    if (i % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve))
    client.received = Buffer.alloc(0)
  }
  await flushed
})

t.test('the client’s words that are no request are refused, and the connection ends', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  client.write('garbage\r\n\r\n')
  t.match(await client.head(), /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*Connection: close\r\n\r\n$/)
  t.equal(await client.closed, 'end')
  t.match(JSON.parse(client.received.toString()), { message: 'The request is not valid HTTP.' })
  t.same(front.malformed, ['bad-request: the request does not begin with a method'])
})

t.test('a chunk that is none ends the body early, and whoever reads it learns why', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  client.write(`${request('PUT', '/', 'Transfer-Encoding: chunked')}1\r\nx\r\n`)
  const { body, answer } = await front.nextHttp()
  const reading = text(body.stream)
  client.write('+1\r\n')
  await t.rejects(reading)
  t.equal(body.cut, 'bad-request')
  answer.head(400, '', ['Content-Length', '0'])
  answer.end([])
  t.match(await client.head(), /^HTTP\/1\.1 400 [\s\S]*Connection: close/)
  await client.closed
})

t.test('an answer before the request is whole is read by a client that sends on', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  const bytes = 16 * 1024 * 1024
  client.write(request('PUT', '/', `Content-Length: ${bytes}`))
  // Python's http.client, for one, sends all before it reads.
  const sent = new Promise((resolve) => client.socket.write(Buffer.alloc(bytes), resolve))
  say(await front.next(), 'too large', 413)
  await sent
  t.match(await client.head(), /^HTTP\/1\.1 413 [\s\S]*Connection: close/)
  t.equal((await client.takeBytes(9)).toString(), 'too large')
  t.equal(await client.closed, 'end')
  await front.empty()
})

t.test('a client that never stops sending after its answer is cut off', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  client.write(request('PUT', '/', 'Transfer-Encoding: chunked'))
  say(await front.next(), 'no', 403)
  t.equal(await heard(client), 'no')
  const part = Buffer.alloc(1024 * 1024)
  const send = () => {
    while (!client.socket.destroyed && client.socket.write(part)) {}
  }
  client.socket.on('drain', send)
  send()
  await client.closed
  await front.empty()
})

t.test('and so is one that never ends its side', async (t) => {
  const front = await startFront(t)
  const client = front.connect({ halfOpen: true })
  client.socket.removeAllListeners('end')
  client.write(get('/', 'Connection: close'))
  say(await front.next(), 'ok')
  await once(client.socket, 'end')
  t.equal(front.counts.open, 1)
  front.clock.pass(11_000)
  await front.empty()
})

t.test('a body is held back as long as nobody reads it, and loses nothing', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  const bytes = 32 * 1024 * 1024
  client.write(request('PUT', '/', `Content-Length: ${bytes}`))
  client.socket.write(Buffer.alloc(bytes, 'x'))
  const exchange = await front.nextHttp()
  await once(exchange.body.stream, 'readable')
  await new Promise((resolve) => setImmediate(resolve))
  t.ok(exchange.body.stream.readableLength < 256 * 1024, `${exchange.body.stream.readableLength} bytes wait`)
  let read = 0
  for await (const part of exchange.body.stream) read += part.length
  t.equal(read, bytes)
  say(exchange, 'ok')
  t.equal(await heard(client), 'ok')
  client.write(get('/again'))
  say(await front.next(), 'again')
  t.equal(await heard(client), 'again')
})

t.test('a client that goes is noticed at once, however it goes', async (t) => {
  const front = await startFront(t)
  for (const asked of [get('/'), upgrade]) {
    for (const leave of ['end', 'reset'] as const) {
      const client = front.connect()
      client.write(asked)
      const { answer, account } = await front.next()
      const gone = new Promise<void>((resolve) => answer.onGone(resolve))
      client[leave]()
      await gone
      t.equal(answer.gone, true)
      await front.empty()
      t.equal(account.failure, 'client-gone')
      answer.head(200, '', [])
      answer.write(Buffer.from('to nobody'))
      answer.end([])
      t.equal(account.status, 0)
    }
  }
  t.equal(front.closed.length, 4, 'each account is closed once')
})

t.test('a client that goes inside its body ends the body, and is told of once', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  client.write(`${request('PUT', '/', 'Content-Length: 10')}half`)
  const { body } = await front.nextHttp()
  client.reset()
  await t.rejects(text(body.stream))
  t.equal(body.cut, undefined)
  await front.empty()
})

t.test('100 clients that vanish leave nothing, wherever they were', async (t) => {
  const front = await startFront(t)
  const begun = ['', 'GET', get('/'), `${request('PUT', '/', 'Content-Length: 10')}half`, upgrade]
  const clients = Array.from({ length: 100 }, (_, i) => {
    const client = front.connect()
    client.write(begun[i % begun.length] as string)
    return client
  })
  for (let i = 0; i < 60; i++) await front.next()
  clients.forEach((client, i) => {
    if (i % 2 === 0) client.reset()
    else client.socket.destroy()
  })
  await front.empty()
  t.equal(front.closed.length, 60)
})

t.test('an upgrade that is answered with something else than 101 keeps its connection', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  client.write(upgrade)
  const refused = await front.nextWebSocket()
  say(refused, 'no', 403)
  t.equal(await heard(client), 'no')
  client.write(get('/again'))
  say(await front.next(), 'again')
  t.equal(await heard(client), 'again')
  t.match(
    front.closed.map(({ status }) => status),
    [403, 200],
  )
})

t.test('but not if anything stood behind it', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  client.write(upgrade + get('/hidden'))
  say(await front.next(), 'no', 403)
  t.match(await client.head(), /^HTTP\/1\.1 403 [\s\S]*Connection: close/)
  t.equal(await client.closed, 'end')
  t.equal(client.received.toString(), 'no')
})

t.test('an upgrade that is accepted is the caller’s, with all bytes behind it', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  client.write(`${get('/before') + upgrade}early`)
  say(await front.next(), 'before')
  t.equal(await heard(client), 'before')
  const exchange = await front.nextWebSocket()
  const { socket, rest } = exchange.accept('Go On', ['X-A', '1'])
  t.equal(await client.head(), 'HTTP/1.1 101 Go On\r\nX-A: 1\r\n\r\n')
  t.equal(rest.toString(), 'early')
  socket.write('hello')
  t.equal((await client.takeBytes(5)).toString(), 'hello')
  client.write('late')
  const [late] = await once(socket.resume(), 'data')
  t.equal(late.toString(), 'late')
  front.clock.pass(1_000_000)
  t.equal(socket.destroyed, false, 'no time-out of HTTP is its own')
  const closed = new Promise((resolve) => socket.once('close', resolve))
  client.reset()
  await closed
  t.equal(exchange.account.status, 101)
  t.equal(exchange.account.bytesOut, 5)
})

t.test('draining ends idle connections now and the others with their answer', async (t) => {
  const front = await startFront(t)
  const [idle, halfway, busy] = [front.connect(), front.connect(), front.connect()]
  halfway.write('GET / HT')
  busy.write(get('/'))
  const exchange = await front.next()
  idle.write(get('/idle'))
  say(await front.next(), 'idle')
  t.equal(await heard(idle), 'idle')
  const drained = front.front.drain()
  t.equal(await idle.closed, 'end')
  say(exchange, 'busy')
  t.match(await busy.head(), /\r\nConnection: close\r\n/)
  halfway.write('TP/1.1\r\n\r\n')
  say(await front.next(), 'late')
  t.match(await halfway.head(), /\r\nConnection: close\r\n/)
  await drained
  await front.empty()
})

t.test('destroy ends everything at once, also what was given away', async (t) => {
  const front = await startFront(t)
  const clients = [front.connect(), front.connect(), front.connect()]
  clients[1]?.write(get('/'))
  await front.next()
  clients[2]?.write(upgrade)
  const { socket } = (await front.nextWebSocket()).accept('', [])
  socket.on('error', () => {})
  front.front.destroy()
  await front.empty()
  t.equal(socket.destroyed, true)
})

t.test('what comes of a request’s body is counted as it comes', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  client.write(`${request('PUT', '/', 'Content-Length: 10')}12345`)
  const { account } = await front.nextHttp()
  t.equal(account.bytesIn, 5)
  client.socket.destroy()
  await front.empty()
  t.equal(account.bytesIn, 5)
})

t.test('connections that cannot be taken in, for want of files or memory, do not end the gateway', async (t) => {
  const servers = listening(t)
  const front = await startFront(t, { onExchange: (exchange) => say(exchange, 'here') })
  for (const server of servers)
    for (let failed = 0; failed < 2; failed++) server.emit('error', new Error('accept ENFILE'))
  t.equal(servers.length, 1)
  const client = front.connect()
  client.write(get('/'))
  t.equal(await heard(client), 'here')
})
