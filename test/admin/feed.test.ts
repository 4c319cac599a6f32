import { once } from 'node:events'
import { createServer, get } from 'node:http'
import { type AddressInfo, connect as connectTo } from 'node:net'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { Entry } from '../../gateway/admin/entry.ts'
import { Feed, type FeedNews, isForFeed } from '../../gateway/admin/feed.ts'
import { createLog } from '../../gateway/observe/log.ts'
import { FakeOperations, fakeOverview, someBackend } from '../fakes/fake-operations.ts'

const token = 'an-operators-token'

async function setUp(t: Test, { mostViewers = 20, patience = 10_000 } = {}) {
  const config = { adminToken: token, allowHosts: [], loginAttempts: 'off' } as const
  const clock = { date: Date.now() }
  const entry = new Entry({ config, log: createLog('off'), now: () => 0, date: () => clock.date })
  const operations = new FakeOperations()
  let held = Promise.resolve()
  let onLook = () => {}
  const looks = {
    count: 0,
    /** The next look waits; resolves when it has begun. */
    hold: (until: Promise<void>) => {
      held = until
      return new Promise<void>((resolve) => {
        onLook = resolve
      })
    },
  }
  const overview = async () => {
    looks.count++
    onLook()
    await held
    return operations.view
  }
  const feed = new Feed({ operations: { overview }, entry, every: 5, mostViewers, patience })
  const server = createServer({ shouldUpgradeCallback: isForFeed }, (_, response) => response.writeHead(404).end())
  server.on('upgrade', (request, socket, head) => feed.upgrade(request, socket, head))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    feed.close()
    server.close()
    server.closeAllConnections()
  })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const connect = (headers: Record<string, string> = { Authorization: `Bearer ${token}` }) => {
    const socket = new WebSocket(`ws://${host}/feed`, { headers })
    t.teardown(() => socket.terminate())
    const news: FeedNews[] = []
    socket.on('message', (data) => news.push(JSON.parse(String(data))))
    const told = (kind: FeedNews['kind'], count = 1) =>
      until(socket, () => news.filter((each) => each.kind === kind).length >= count)
    return { socket, news, told }
  }
  const refusal = async (headers?: Record<string, string>) => {
    const { socket } = connect(headers)
    const [error] = await once(socket, 'error')
    return String(error)
  }
  return { feed, entry, operations, looks, host, clock, connect, refusal }
}

async function until(socket: WebSocket, holds: () => boolean): Promise<void> {
  while (!holds()) await once(socket, 'message')
}

const backendsOf = (news: readonly FeedNews[]) =>
  news.flatMap((each) => (each.kind === 'overview' ? [each.overview.backends[0]] : []))

t.test('a viewer is told how things stand, and then what changes', async (t) => {
  const { connect, operations } = await setUp(t)
  const { news, told } = connect()
  await told('overview')
  t.match(news[0], { kind: 'overview', at: Number, overview: { version: '0.1.0', backends: [{ state: 'ready' }] } })
  await operations.drain('10.0.0.1:8001')
  await told('overview', 2)
  t.match(backendsOf(news)[1], { state: 'draining', drains: ['operator'] })
})

t.test('where nothing changes but time, a heartbeat is all that is said', async (t) => {
  const { connect, operations } = await setUp(t)
  const { news, told } = connect()
  await told('overview')
  operations.view = { ...operations.view, backends: [{ ...someBackend, stateMs: 99_999 }] }
  await told('same', 2)
  t.equal(news.filter(({ kind }) => kind === 'overview').length, 1)
})

t.test('who comes later is told at once how things stand', async (t) => {
  const { connect } = await setUp(t)
  await connect().told('same')
  const later = connect()
  await later.told('overview')
  t.equal(later.news[0]?.kind, 'overview')
})

t.test('nobody is asked as long as nobody looks, also where the last one leaves during a look', async (t) => {
  const { connect, looks } = await setUp(t)
  t.equal(looks.count, 0)
  const { socket, told } = connect()
  await told('same')
  const { promise, resolve } = Promise.withResolvers<void>()
  await looks.hold(promise)
  socket.close()
  await once(socket, 'close')
  const { count } = looks
  resolve()
  // That nothing comes can only be waited for: six times as long as it would take.
  await new Promise((done) => setTimeout(done, 30))
  t.equal(looks.count, count)
})

t.test('who has neither token nor session, or comes from elsewhere, is refused', async (t) => {
  const { refusal, host, entry } = await setUp(t)
  t.match(await refusal({}), /401/)
  t.match(await refusal({ Authorization: 'Bearer wrong' }), /401/)
  const outcome = entry.login({ headers: { host, origin: `http://${host}` }, address: '' }, token)
  const Cookie = `pyli-operator=${'session' in outcome && outcome.session}`
  t.match(await refusal({ Cookie, Origin: 'http://evil.example' }), /403/)
  t.match(await refusal({ Cookie, Origin: 'http://evil.example', Host: 'evil.example' }), /403/)
})

t.test('without an admin token there is no feed', async (t) => {
  const { refusal, entry } = await setUp(t)
  entry.renew({ adminToken: undefined, allowHosts: [], loginAttempts: 'off' })
  t.match(await refusal({}), /404/)
})

t.test('who is refused and does not close its side is cut off', async (t) => {
  const { host } = await setUp(t)
  const socket = connectTo({ host: '127.0.0.1', port: Number(host.split(':')[1]), allowHalfOpen: true })
  t.teardown(() => socket.destroy())
  socket.write(`GET /feed HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
  const [answer] = await once(socket, 'data')
  t.match(String(answer), /^HTTP\/1\.1 401 /)
  await once(socket, 'end')
  // Nobody reads any more: what is sent now is answered by a reset.
  const cut = once(socket, 'error').catch((error) => [error])
  const sending = setInterval(() => socket.write('x'), 5)
  const [error] = await cut
  clearInterval(sending)
  t.match(error, { code: /ECONNRESET|EPIPE/ })
})

t.test('there are only so many viewers at a time', async (t) => {
  const { connect, refusal } = await setUp(t, { mostViewers: 1 })
  const { socket, told } = connect()
  await told('overview')
  t.match(await refusal(), /503/)
  socket.close()
  await once(socket, 'close')
  await connect().told('overview')
})

t.test('a viewer whose session ends must log in again', async (t) => {
  const { connect, entry, host, clock } = await setUp(t)
  clock.date = Date.now() - 12 * 3_600_000 + 200
  const outcome = entry.login({ headers: { host, origin: `http://${host}` }, address: '' }, token)
  const { socket } = connect({ Cookie: `pyli-operator=${'session' in outcome && outcome.session}` })
  const [code] = await once(socket, 'close')
  t.equal(code, 4401)
})

t.test('a viewer that takes nothing is skipped, and told the last state when it reads again', async (t) => {
  const { connect, operations, looks } = await setUp(t)
  const { socket, news, told } = connect()
  await told('overview')
  socket.pause()
  // More than the sockets of both sides hold.
  for (let turn = 0; turn < 40; turn++) {
    operations.view = fakeOverview({ version: `${turn}`.repeat(200_000) })
    const { count } = looks
    while (looks.count < count + 2) await new Promise((resolve) => setImmediate(resolve))
  }
  operations.view = fakeOverview({ version: 'last' })
  socket.resume()
  await until(socket, () => news.some((each) => each.kind === 'overview' && each.overview.version === 'last'))
  t.ok(news.length < 40, `${news.length} were told`)
})

t.test('a viewer that is no more is noticed', async (t) => {
  const { connect } = await setUp(t, { patience: 4 })
  const { socket, told } = connect()
  await told('same')
  t.equal(socket.readyState, WebSocket.OPEN, 'as long as it answers pings it stays')
  socket.pause()
  const other = connect()
  await other.told('same', 3)
  t.equal(other.socket.readyState, WebSocket.OPEN)
  socket.resume()
  await once(socket, 'close')
})

t.test('what asks for any other protocol is answered as a request', async (t) => {
  const { host } = await setUp(t)
  for (const [path, protocol] of [
    ['/feed', 'h2c'],
    ['/healthz', 'websocket'],
  ] as const) {
    const request = get(`http://${host}${path}`, { headers: { Connection: 'Upgrade', Upgrade: protocol } })
    const [answer] = await once(request, 'response')
    t.equal(answer.statusCode, 404, `by the listener: ${path}`)
    answer.resume()
  }
})
