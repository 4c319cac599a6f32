import t from 'tap'
import type { RawHeaders } from '../../gateway/http1/raw-headers.ts'
import { get, heard, request, say, startFront } from './support.ts'

interface Said {
  readonly status?: number
  readonly headers?: RawHeaders
  readonly parts?: readonly string[]
  readonly trailers?: RawHeaders
}

const old = (...headers: string[]) => `${['GET / HTTP/1.0', ...headers].join('\r\n')}\r\n\r\n`

const cases: [title: string, asked: string, said: Said, bytes: string, kept: boolean][] = [
  [
    'an answer with a length goes out as it is, and the connection is kept',
    get('/'),
    { headers: ['X-A', '1', 'x-a', '2', 'Content-Length', '4'], parts: ['ab', 'cd'] },
    'HTTP/1.1 200 OK\nX-A: 1\nx-a: 2\nContent-Length: 4\n\nabcd',
    true,
  ],
  [
    'an answer without a length goes out in chunks, with its trailers',
    get('/'),
    { parts: ['0123456789', 'x'], trailers: ['X-Sum', '7', 'X-B', ''] },
    'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\na\n0123456789\n1\nx\n0\nX-Sum: 7\nX-B: \n\n',
    true,
  ],
  [
    'an answer without a length has no chunks for HTTP/1.0: its end is the connection’s',
    old('Connection: keep-alive'),
    { parts: ['ab', 'c'], trailers: ['X-Sum', '7'] },
    'HTTP/1.1 200 OK\nConnection: close\n\nabc',
    false,
  ],
  [
    'HTTP/1.0 ends its connection',
    old(),
    { headers: ['Content-Length', '2'], parts: ['ok'] },
    'HTTP/1.1 200 OK\nContent-Length: 2\nConnection: close\n\nok',
    false,
  ],
  [
    'HTTP/1.0 keeps it when asked to, and is told so',
    old('Connection: keep-alive'),
    { headers: ['Content-Length', '2'], parts: ['ok'] },
    'HTTP/1.1 200 OK\nContent-Length: 2\nConnection: keep-alive\n\nok',
    true,
  ],
  [
    'a client that asks for the end gets it',
    get('/', 'Connection: close'),
    { headers: ['Content-Length', '2'], parts: ['ok'] },
    'HTTP/1.1 200 OK\nContent-Length: 2\nConnection: close\n\nok',
    false,
  ],
  [
    'HEAD hears the length of what it would get, and no body',
    request('HEAD', '/'),
    { headers: ['Content-Length', '2'], parts: ['ok'] },
    'HTTP/1.1 200 OK\nContent-Length: 2\n\n',
    true,
  ],
  ['HEAD hears of no chunks', request('HEAD', '/'), {}, 'HTTP/1.1 200 OK\n\n', true],
  [
    'a 204 has neither length nor chunks',
    get('/'),
    { status: 204, headers: ['Content-Length', '0'] },
    'HTTP/1.1 204 No Content\n\n',
    true,
  ],
  [
    'a 304 has the length of what it stands for, and no body',
    get('/'),
    { status: 304, headers: ['Content-Length', '9'] },
    'HTTP/1.1 304 Not Modified\nContent-Length: 9\n\n',
    true,
  ],
]

for (const [title, asked, { status = 200, headers = [], parts = [], trailers = [] }, bytes, kept] of cases) {
  t.test(title, async (t) => {
    const front = await startFront(t)
    const client = front.connect()
    client.write(asked)
    const { answer, account } = await front.nextHttp()
    answer.head(status, '', headers)
    for (const part of parts) answer.write(Buffer.from(part))
    answer.end(trailers)
    const expected = bytes.replaceAll('\n', '\r\n')
    t.equal((await client.takeBytes(expected.length)).toString(), expected)
    t.equal(account.status, status)
    t.same(front.closed, [account])
    if (kept) {
      client.write(get('/again'))
      say(await front.next(), 'again')
      t.equal(await heard(client), 'again')
    } else {
      t.equal(await client.closed, 'end')
      t.equal(client.received.length, 0)
      await front.empty()
    }
  })
}

t.test(
  'a head leaves in one packet with what is written of its body, and at the latest when nothing more comes',
  async (t) => {
    const front = await startFront(t)
    const client = front.connect()
    client.write(get('/'))
    const { answer } = await front.nextHttp()
    answer.head(200, '', ['Content-Length', '4'])
    answer.write(Buffer.from('ab'))
    const first = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab'
    t.equal((await client.takeBytes(first.length)).toString(), first)
    answer.write(Buffer.from('cd'))
    answer.end([])
    t.equal((await client.takeBytes(2)).toString(), 'cd')
  },
)

t.test('interim answers go out as they come, and to HTTP/1.0 not at all', async (t) => {
  const front = await startFront(t)
  for (const [asked, expected] of [
    [get('/'), 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n'],
    [old(), ''],
  ] as const) {
    const client = front.connect()
    client.write(asked)
    const exchange = await front.next()
    exchange.answer.inform(103, ['Link', '</a>'])
    exchange.answer.inform(102, [])
    say(exchange, 'ok')
    exchange.answer.inform(103, [])
    t.equal((await client.takeBytes(expected.length)).toString(), expected)
    t.equal(await heard(client), 'ok')
  }
})

t.test('an answer that is longer or shorter than its length is cut, and never followed by another', async (t) => {
  const front = await startFront(t)
  for (const text of ['four', 'six!!!']) {
    const client = front.connect()
    client.write(get('/') + get('/behind'))
    const { answer } = await front.nextHttp()
    answer.head(200, '', ['Content-Length', '5'])
    answer.write(Buffer.from(text))
    answer.end([])
    await client.closed
    t.notMatch(client.received.toString(), '!!!')
  }
  await front.empty()
  t.equal(front.closed.length, 2)
})

t.test('an answer that is aborted is seen to be cut, by HTTP/1.0 through a reset', async (t) => {
  const front = await startFront(t)
  for (const asked of [get('/'), old()]) {
    const client = front.connect()
    client.write(asked)
    const { answer } = await front.nextHttp()
    answer.head(200, '', [])
    answer.write(Buffer.from('half'))
    await client.takeThrough('half')
    answer.abort()
    const how = await client.closed
    if (asked === old()) t.equal(how, 'error')
    t.notMatch(client.received.toString(), '0\r\n\r\n')
  }
})

t.test('a client that does not read holds the answer back, and loses none of it', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  client.socket.pause()
  client.write(get('/'))
  const { answer } = await front.nextHttp()
  const part = Buffer.alloc(64 * 1024, 'x')
  answer.head(200, '', ['Content-Length', String(200 * part.length)])
  let sent = 0
  const drained = Promise.withResolvers<void>()
  const send = () => {
    while (sent < 200) {
      sent++
      if (!answer.write(part)) return
    }
    answer.end([])
    drained.resolve()
  }
  answer.onDrain(send)
  send()
  t.ok(sent < 200, `${sent} parts were taken`)
  t.same(front.closed, [], 'its account is open')
  client.socket.resume()
  await drained.promise
  await client.head()
  await client.skipBytes(200 * part.length)
  client.write(get('/again'))
  say(await front.next(), 'again')
  t.equal(await heard(client), 'again')
})

t.test('a client that takes nothing of its answer is cut off in the end', async (t) => {
  const front = await startFront(t, { times: { head: 1, body: 1, idle: 1, send: 50 } })
  const client = front.connect()
  client.socket.pause()
  client.write(get('/'))
  const { answer, account } = await front.nextHttp()
  answer.head(200, '', [])
  const gone = new Promise<void>((resolve) => answer.onGone(resolve))
  const send = () => {
    while (answer.write(Buffer.alloc(64 * 1024))) {}
  }
  answer.onDrain(send)
  send()
  await gone
  t.equal(account.failure, 'client-gone')
})

t.test('and so is one that says something meanwhile, again and again', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  client.socket.pause()
  client.write(get('/'))
  const { answer } = await front.nextHttp()
  answer.head(200, '', [])
  let isGone = false
  answer.onGone(() => (isGone = true))
  const send = () => {
    while (answer.write(Buffer.alloc(64 * 1024))) {}
  }
  answer.onDrain(send)
  send()
  for (let second = 0; second < 240 && !isGone; second++) {
    if (client.socket.writable) client.write('G')
    await new Promise((resolve) => setImmediate(resolve))
    front.clock.pass(1_000)
    if (second === 59) t.notOk(isGone, 'not before its time')
  }
  t.ok(isGone)
  await front.empty()
})

t.test('usual headers stand in every answer, refusals among them, that has none of the name', async (t) => {
  const front = await startFront(t, { usualHeaders: ['X-Usual', 'ours', 'X-More', '1'] })
  const client = front.connect()
  client.write(get('/'))
  const own = await front.nextHttp()
  own.answer.head(200, '', ['x-usual', "the backend's", 'Content-Length', '0'])
  own.answer.end([])
  t.equal(await client.head(), "HTTP/1.1 200 OK\r\nx-usual: the backend's\r\nContent-Length: 0\r\nX-More: 1\r\n\r\n")
  client.write(get('/'))
  const none = await front.nextHttp()
  none.answer.head(204, '', [])
  none.answer.end([])
  t.equal(await client.head(), 'HTTP/1.1 204 No Content\r\nX-Usual: ours\r\nX-More: 1\r\n\r\n')
  client.write('nonsense\r\n\r\n')
  t.match(await client.head(), /^HTTP\/1\.1 400 .*\r\nX-Usual: ours\r\nX-More: 1\r\n/s)
})
