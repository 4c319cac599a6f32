import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type Duplex, duplexPair } from 'node:stream'
import t from 'tap'
import { type Passed, Tunnels } from '../../gateway/request/tunnels.ts'

const nothing = Buffer.alloc(0)

/** A tunnel between two far ends that the test holds. */
function joined(tunnels = new Tunnels(), session?: string, rests: { client?: string; backend?: string } = {}) {
  const [client, nearClient] = duplexPair()
  const [backend, nearBackend] = duplexPair()
  const closed = Promise.withResolvers<Passed>()
  const heard = { client: text(client), backend: text(backend) }
  tunnels.join(
    { socket: nearClient, rest: Buffer.from(rests.client ?? '') },
    { socket: nearBackend, rest: Buffer.from(rests.backend ?? '') },
    session,
    closed.resolve,
  )
  return { tunnels, client, backend, nearClient, nearBackend, heard, closed: closed.promise }
}

function text(socket: Duplex): { value: string; ended: Promise<void> } {
  const heard = { value: '', ended: new Promise<void>((resolve) => socket.once('end', resolve)) }
  socket.on('data', (chunk) => {
    heard.value += chunk
  })
  return heard
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

t.test('bytes pass both ways, those first that were read already', async (t) => {
  const { client, backend, heard } = joined(new Tunnels(), undefined, { client: 'early ', backend: 'hello ' })
  client.write('from client')
  backend.write('from backend')
  await until(() => heard.backend.value.length >= 17 && heard.client.value.length >= 18)
  t.equal(heard.backend.value, 'early from client')
  t.equal(heard.client.value, 'hello from backend')
  client.destroy()
  backend.destroy()
})

t.test('when a client ends, its backend hears the end after all that was said', async (t) => {
  const { client, backend, heard, tunnels, closed } = joined()
  client.end('last words')
  await heard.backend.ended
  t.equal(heard.backend.value, 'last words')
  backend.end('and the answer')
  await heard.client.ended
  t.equal(heard.client.value, 'and the answer')
  client.destroy()
  backend.destroy()
  await closed
  t.equal(tunnels.size, 0)
})

t.test('when a client vanishes without a word, its backend hears the end at once', async (t) => {
  const { nearClient, heard, backend, closed } = joined()
  nearClient.destroy(new Error('ECONNRESET'))
  await heard.backend.ended
  backend.end()
  await closed
  t.pass('and both are gone')
})

t.test('when a backend dies, its client hears the end', async (t) => {
  const { nearBackend, heard, client, closed } = joined()
  nearBackend.destroy(new Error('ECONNRESET'))
  await heard.client.ended
  client.end()
  await closed
  t.pass('and both are gone')
})

t.test('a leg that died before it was joined is noticed', async (t) => {
  const [client, nearClient] = duplexPair()
  const [backend, nearBackend] = duplexPair()
  const heard = text(backend)
  nearClient.destroy()
  await new Promise((resolve) => nearClient.once('close', resolve))
  new Tunnels().join({ socket: nearClient, rest: nothing }, { socket: nearBackend, rest: nothing }, undefined, () => {})
  await heard.ended
  t.pass('the backend hears of it')
  backend.destroy()
  client.destroy()
})

t.test('a slow reader slows the writer', async (t) => {
  const [client, nearClient] = duplexPair({ highWaterMark: 1024 })
  const [backend, nearBackend] = duplexPair({ highWaterMark: 1024 })
  new Tunnels().join({ socket: nearClient, rest: nothing }, { socket: nearBackend, rest: nothing }, undefined, () => {})
  let written = 0
  let turns = 0
  // The client reads nothing: after a while nothing more is taken in.
  while (turns++ < 1000) {
    if (backend.write(Buffer.alloc(512))) written += 512
    await new Promise((resolve) => setImmediate(resolve))
    if (backend.writableNeedDrain) break
  }
  t.ok(written < 20_000, `${written} bytes`)
  client.resume()
  await new Promise((resolve) => backend.once('drain', resolve))
  t.pass('and goes on when it reads')
  client.destroy()
  backend.destroy()
})

t.test(
  'a client that takes nothing is cut off in the end, whatever it says, and its backend hears the end',
  async (t) => {
    const [client, nearClient] = duplexPair({ highWaterMark: 1024 })
    const [backend, nearBackend] = duplexPair({ highWaterMark: 1024 })
    const closed = Promise.withResolvers<Passed>()
    new Tunnels({ sendTimeout: 100 }).join(
      { socket: nearClient, rest: nothing },
      { socket: nearBackend, rest: nothing },
      undefined,
      closed.resolve,
    )
    const heard = text(backend)
    backend.write(Buffer.alloc(4096))
    const talking = setInterval(() => nearClient.destroyed || client.write('ping'), 10)
    t.teardown(() => clearInterval(talking))
    await heard.ended
    t.match(heard.value, 'ping')
    backend.end()
    await closed.promise
    client.destroy()
  },
)

t.test('one that takes it late, and one whose backend takes nothing, are not', async (t) => {
  const [client, nearClient] = duplexPair({ highWaterMark: 1024 })
  const [backend, nearBackend] = duplexPair({ highWaterMark: 1024 })
  const tunnels = new Tunnels({ sendTimeout: 60_000 })
  tunnels.join({ socket: nearClient, rest: nothing }, { socket: nearBackend, rest: nothing }, undefined, () => {})
  tunnels.retime(50)
  client.write(Buffer.alloc(4096))
  for (let turn = 0; turn < 5; turn++) {
    backend.write(Buffer.alloc(1500))
    await new Promise((resolve) => setTimeout(resolve, 30))
    while (client.read() !== null) {}
  }
  await new Promise((resolve) => setTimeout(resolve, 200))
  t.notOk(nearClient.destroyed)
  client.destroy()
  backend.destroy()
})

t.test('before a client’s new socket the backend’s leg of the old one is over', async (t) => {
  const { tunnels, heard, backend, nearBackend, client } = joined(new Tunnels(), 'kernel/session')
  const replacing = tunnels.replace('kernel/session')
  await heard.backend.ended
  backend.end()
  await replacing
  t.equal(nearBackend.destroyed, true)
  await heard.client.ended
  client.destroy()
})

t.test('a backend that does not answer the end is cut off, and other sessions are left alone', async (t) => {
  const tunnels = new Tunnels({ replaceTime: 50 })
  const other = joined(tunnels, 'kernel/other')
  const mine = joined(tunnels, 'kernel/mine')
  await tunnels.replace('kernel/nobody')
  await tunnels.replace('kernel/mine')
  t.equal(mine.nearBackend.destroyed, true)
  t.equal(other.nearBackend.destroyed, false)
  for (const { client, backend } of [mine, other]) {
    client.destroy()
    backend.destroy()
  }
})

t.test('the newer tunnel of a session keeps its name when the older one closes', async (t) => {
  const tunnels = new Tunnels()
  const older = joined(tunnels, 'kernel/session')
  const newer = joined(tunnels, 'kernel/session')
  older.client.destroy()
  older.nearClient.destroy()
  older.nearBackend.destroy()
  await older.closed
  const replacing = tunnels.replace('kernel/session')
  await newer.heard.backend.ended
  newer.backend.end()
  await replacing
  t.equal(newer.nearBackend.destroyed, true)
  newer.client.destroy()
})

t.test('all end at once when the gateway does, without a word', async (t) => {
  const tunnels = new Tunnels()
  const some = [joined(tunnels), joined(tunnels, 'kernel/session')]
  tunnels.destroyAll()
  await Promise.all(some.map(({ closed }) => closed))
  for (const { heard } of some) t.same([heard.client.value, heard.backend.value], ['', ''])
  t.equal(tunnels.size, 0)
})

t.test('a client that comes anew while its first socket is still waited for gives that one up', async (t) => {
  const tunnels = new Tunnels()
  let givenUp = 0
  const forget = tunnels.expect('kernel/session', () => givenUp++)
  t.equal(tunnels.has('kernel/session'), true)
  await tunnels.replace('kernel/session')
  t.equal(givenUp, 1)
  const newer = tunnels.expect('kernel/session', () => givenUp++)
  forget()
  t.equal(tunnels.has('kernel/session'), true, 'the end of the older is not that of the newer')
  newer()
  t.equal(tunnels.has('kernel/session'), false)
})

t.test('what passes is counted as it passes, for each tunnel and for all', async (t) => {
  const tunnels = new Tunnels()
  const { client, backend, heard, closed } = joined(tunnels, undefined, { client: 'ab', backend: 'cde' })
  client.write('1234')
  await until(() => heard.backend.value === 'ab1234')
  t.match(tunnels, { opened: 1, size: 1, bytesIn: 6, bytesOut: 3 }, 'before it ends')
  client.end()
  backend.end()
  t.same(await closed, { bytesIn: 6, bytesOut: 3 })
  joined(tunnels)
  t.match(tunnels, { opened: 2, size: 1, bytesIn: 6, bytesOut: 3 })
})

/** Both ends of a TCP connection. */
async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const far = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [near] = (await once(server, 'connection')) as [Socket]
  server.close()
  return [far, near]
}

t.test('large messages of many tunnels pass whole, though their memory is freed when they are written', async (t) => {
  const tunnels = new Tunnels()
  const echo = async () => {
    const [[client, nearClient], [backend, nearBackend]] = await Promise.all([socketPair(), socketPair()])
    const closed = new Promise<Passed>((resolve) =>
      tunnels.join({ socket: nearClient, rest: nothing }, { socket: nearBackend, rest: nothing }, undefined, resolve),
    )
    backend.pipe(backend)
    const message = randomBytes(3_000_000)
    client.write(message)
    const heard: Buffer[] = []
    client.on('data', (part: Buffer) => heard.push(part))
    while (client.bytesRead < message.length) await once(client, 'data')
    t.ok(Buffer.concat(heard).equals(message))
    client.end()
    t.same(await closed, { bytesIn: message.length, bytesOut: message.length })
  }
  await Promise.all(Array.from({ length: 12 }, echo))
})
