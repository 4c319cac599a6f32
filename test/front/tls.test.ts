import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { selfSigned } from '../../gateway/control/certificates/self-signed.ts'
import { tlsOptions } from '../../gateway/control/certificates/tls-options.ts'
import { RawConnection } from '../fakes/raw-backend.ts'
import { type FrontUnderTest, get, heard, say, startFront } from './support.ts'

const identity = await selfSigned({ dir: t.testdir(), names: [], now: new Date() })
const tls = tlsOptions(identity)

async function secured(t: Test, { port }: FrontUnderTest, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

t.test('requests come and answers go over TLS, and the connection is kept', async (t) => {
  const front = await startFront(t, { tls })
  const client = new RawConnection(await secured(t, front))
  for (const target of ['/1', '/2']) {
    client.write(get(target))
    const exchange = await front.next()
    t.match(exchange.client, { address: '127.0.0.1', encrypted: true })
    say(exchange, target)
    t.equal(await heard(client), target)
  }
  client.socket.end()
  t.equal(await client.closed, 'end')
  await front.empty()
})

t.test('an answer that is aborted is seen to be cut, by HTTP/1.0 through a reset', async (t) => {
  const front = await startFront(t, { tls })
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const client = new RawConnection(await secured(t, front, { maxVersion: version }))
    client.write('GET / HTTP/1.0\r\n\r\n')
    const { answer } = await front.nextHttp()
    answer.head(200, '', [])
    answer.write(Buffer.from('part'))
    await client.takeThrough('part')
    answer.abort()
    t.equal(await client.closed, 'error', version)
  }
  await front.empty()
})

t.test('a proxy says whom it speaks for before the handshake', async (t) => {
  const front = await startFront(t, { tls, proxyFrom: () => true })
  for (const together of [true, false]) {
    const raw = connectTcp({ port: front.port, host: '127.0.0.1' })
    if (together) raw.cork()
    raw.write('PROXY TCP4 192.0.2.7 10.0.0.1 50000 443\r\n')
    process.nextTick(() => raw.uncork())
    const client = new RawConnection(await secured(t, front, { socket: raw }))
    client.write(get('/'))
    const exchange = await front.next()
    t.match(exchange.client, { address: '192.0.2.7', encrypted: true, tls: { version: /^TLSv1/, resumed: false } })
    say(exchange, 'ok')
    t.equal(await heard(client), 'ok')
  }
})

t.test('handshakes are counted: those that fail, and those that go on with an old session', async (t) => {
  const front = await startFront(t, { tls })
  const failing = front.connect()
  failing.write('GET / HTTP/1.1\r\n\r\n')
  await failing.closed
  t.equal(front.counts.failedHandshakes.length, 1)
  const vanishing = front.connect()
  vanishing.write('\x16\x03\x01')
  vanishing.reset()
  await front.empty()

  const first = await secured(t, front)
  const [session] = (await once(first, 'session')) as [Buffer]
  const second = await secured(t, front, { session })
  t.equal(second.isSessionReused(), true)
  second.write(get('/'))
  await front.next()
  t.match(front.counts, { handshakes: 2, resumed: 1 })
})

t.test('a client that does not come to the end of its handshake is cut off, whatever it says', async (t) => {
  const front = await startFront(t, { tls: { ...tls, handshakeTimeout: 300 } })
  const [silent, dripping] = [front.connect(), front.connect()]
  const hello = Buffer.concat([Buffer.from('16030102000100', 'hex'), Buffer.alloc(500)])
  for (let i = 0; !dripping.socket.destroyed && i < hello.length; i++) {
    dripping.write(hello.subarray(i, i + 1))
    await sleep(20)
  }
  await Promise.all([silent.closed, dripping.closed])
  await front.empty()
  t.match(front.counts.failedHandshakes, ['ERR_TLS_HANDSHAKE_TIMEOUT', 'ERR_TLS_HANDSHAKE_TIMEOUT'])
})

t.test('with the same ticket keys another front goes on with the session', async (t) => {
  const withKeys = (byte: number) => ({ ...tls, ticketKeys: Buffer.alloc(48, byte) })
  const fronts = [await startFront(t, { tls: withKeys(7) }), await startFront(t, { tls: withKeys(7) })] as const
  const first = await secured(t, fronts[0])
  const [session] = (await once(first, 'session')) as [Buffer]
  t.equal((await secured(t, fronts[1], { session })).isSessionReused(), true)
  fronts[1].front.renew(withKeys(8))
  t.equal((await secured(t, fronts[1], { session })).isSessionReused(), false)
})

t.test('a renewed certificate is for new connections, and ends no other', async (t) => {
  const front = await startFront(t, { tls })
  const old = new RawConnection(await secured(t, front))
  const renewed = await selfSigned({ dir: t.testdir(), names: [], now: new Date() })
  front.front.renew(tlsOptions(renewed))
  const fresh = await secured(t, front)
  t.not(fresh.getPeerCertificate().fingerprint256, (old.socket as TLSSocket).getPeerCertificate().fingerprint256)
  old.write(get('/'))
  say(await front.next(), 'still here')
  t.equal(await heard(old), 'still here')
})

t.test('100 TLS clients that vanish leave nothing', async (t) => {
  const front = await startFront(t, { tls })
  const clients = await Promise.all(Array.from({ length: 100 }, () => secured(t, front)))
  clients.forEach((client, i) => {
    client.on('error', () => {})
    if (i % 2 === 0) client.write(get('/'))
  })
  for (let i = 0; i < 50; i++) await front.next()
  for (const client of clients) client.destroy()
  await front.empty()
  t.equal(front.closed.length, 50)
})
