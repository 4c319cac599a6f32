import t from 'tap'
import { get, heard, say, startFront } from './support.ts'

const head = 'PROXY TCP4 192.0.2.7 10.0.0.1 50000 443\r\n'
const fromProxy = { proxyFrom: (peer: string) => peer === '127.0.0.1' }

t.test('a trusted proxy says whom it speaks for, before anything else', async (t) => {
  const front = await startFront(t, fromProxy)
  for (const pieces of [[head + get('/')], [head.slice(0, 9), head.slice(9), get('/')]]) {
    const client = front.connect()
    for (const piece of pieces) {
      await new Promise((resolve) => client.socket.write(piece, resolve))
      await new Promise((resolve) => setImmediate(resolve))
    }
    const exchange = await front.next()
    t.equal(exchange.client.address, '192.0.2.7')
    say(exchange, 'ok')
    t.equal(await heard(client), 'ok')
    client.write(get('/again'))
    const again = await front.next()
    t.equal(again.client.address, '192.0.2.7')
    say(again, 'again')
    t.equal(await heard(client), 'again')
  }
})

t.test('who speaks for itself keeps its address', async (t) => {
  const front = await startFront(t, fromProxy)
  const client = front.connect()
  client.write(`PROXY UNKNOWN\r\n${get('/')}`)
  t.equal((await front.next()).client.address, '127.0.0.1')
})

t.test('a trusted proxy that does not say so, or not in time, is cut off', async (t) => {
  const front = await startFront(t, fromProxy)
  const wrong = front.connect()
  wrong.write(get('/'))
  await wrong.closed
  t.equal(front.malformed.length, 1)
  const silent = front.connect()
  silent.write('PROXY TCP4')
  await new Promise((resolve) => silent.socket.once('connect', resolve))
  while (front.counts.open === 0) await new Promise((resolve) => setImmediate(resolve))
  front.clock.pass(21_000)
  await silent.closed
  t.equal(front.malformed.length, 2)
  await front.empty()
})

t.test('the word of anybody else is no head of a proxy, but a request that is none', async (t) => {
  const front = await startFront(t, { proxyFrom: () => false })
  const client = front.connect()
  client.write(head + get('/'))
  t.match(await client.head(), /^HTTP\/1\.1 400 /)
})

t.test('admission is asked about the client that a proxy speaks for, and told when it left', async (t) => {
  const asked: string[] = []
  const left: string[] = []
  const admission = {
    admit: (address: string) => {
      asked.push(address)
      return asked.length > 1 ? ('too-many-of-client' as const) : undefined
    },
    left: (address: string) => void left.push(address),
  }
  const front = await startFront(t, { ...fromProxy, admission })
  const admitted = front.connect()
  admitted.write(head + get('/'))
  say(await front.next(), 'ok')
  t.equal(await heard(admitted), 'ok')
  const refused = front.connect()
  refused.write(head + get('/'))
  t.match(await refused.head(), /^HTTP\/1\.1 503 [\s\S]*\r\nRetry-After: 5\r\n/)
  await refused.closed
  admitted.socket.destroy()
  await front.empty()
  t.same(asked, ['192.0.2.7', '192.0.2.7'])
  t.same(left, ['192.0.2.7'])
})
