import { duplexPair } from 'node:stream'
import t from 'tap'
import { idOf } from '../../gateway/jupyter/models.ts'
import { handle } from '../../gateway/request/handle.ts'
import { nextTurn, token } from '../fakes/fake-cluster.ts'
import { closeOf, httpExchange, type RequestOptions, webSocketExchange } from '../fakes/fake-exchange.ts'
import { type FakeGate, fakeGate } from '../fakes/fake-gate.ts'

const credentials = ['Host', 'jupyter.example', 'Authorization', `token ${token}`]

async function send(fake: FakeGate, options: RequestOptions) {
  const exchange = httpExchange({ headers: credentials, ...options })
  await handle(fake.gate, exchange)
  return exchange.answer
}

const post = (fake: FakeGate, target: string, body: unknown) =>
  send(fake, { method: 'POST', target, body: JSON.stringify(body) })

/** Two servers with a kernel each; the first one, which has less to do, drains. */
function setUp() {
  const fake = fakeGate()
  const [a, b] = fake.members
  if (!a || !b) throw new Error('there are not two')
  const kernel = a.server.hasKernel()
  const session = a.server.hasSession('there.ipynb', { kernelId: kernel })
  b.server.hasKernel()
  b.backend.carries = 10
  fake.cluster.pool.drain(a.backend, 'says-so')
  return { fake, a, b, kernel, session }
}

const session = (path: string, kernel = {}) => ({ path, name: path, type: 'notebook', kernel })

t.test('what lives in a backend that drains is served on', async (t) => {
  const { fake, kernel, session } = setUp()
  for (const target of [`/api/kernels/${kernel}`, `/api/sessions/${session}`])
    t.equal((await send(fake, { target })).status, 200, target)
  await post(fake, `/api/kernels/${kernel}/interrupt`, {})
  t.equal(fake.sent.at(-1)?.to, 'a')
})

t.test('a new WebSocket to its kernel is opened there', async (t) => {
  const { fake, a, kernel } = setUp()
  const exchange = webSocketExchange({ target: `/api/kernels/${kernel}/channels?session_id=s1` })
  const [client, near] = duplexPair()
  const closed = closeOf(exchange)
  void handle(fake.gate, { ...exchange, accept: () => ({ socket: near, rest: Buffer.alloc(0) }) })
  while (fake.opened.length === 0) await nextTurn()
  t.equal(fake.sent.at(-1)?.to, 'a')
  t.equal(a.backend.inFlight, 1, 'and keeps it from being forgotten')
  client.end()
  fake.opened[0]?.end()
  client.resume()
  fake.opened[0]?.resume()
  await closed
  t.equal(a.backend.inFlight, 0)
})

t.test('new kernels, sessions and terminals go elsewhere, though it has the least to do', async (t) => {
  const { fake, a } = setUp()
  const before = a.server.kernels.size
  for (let i = 0; i < 5; i++) {
    t.equal((await post(fake, '/api/kernels', { name: 'python3' })).status, 201)
    t.equal((await post(fake, '/api/sessions', session(`${i}.ipynb`))).status, 201)
    t.equal((await post(fake, '/api/terminals', {})).status, 200)
    await send(fake, { target: '/terminals/new' })
  }
  t.equal(a.server.kernels.size, before)
  t.equal(a.server.terminals.size, 0)
})

t.test('a session that is there is opened there, and so is one that names its kernel', async (t) => {
  const { fake, a, kernel, session: id } = setUp()
  const opened = JSON.parse((await post(fake, '/api/sessions', session('there.ipynb'))).text)
  t.equal(opened.id, id)
  const console = JSON.parse((await post(fake, '/api/sessions', session('console', { id: kernel }))).text)
  t.equal(console.kernel.id, kernel)
  t.ok(a.server.sessions.has(console.id))
  t.equal(JSON.parse((await post(fake, '/api/kernels', { kernel_id: kernel })).text).id, kernel)
  t.equal(a.server.kernels.size, 1)
})

t.test('lists are whole', async (t) => {
  const { fake, a, b } = setUp()
  const everyone = [...a.server.kernels.keys(), ...b.server.kernels.keys()].sort()
  const listed = JSON.parse((await send(fake, { target: '/api/kernels' })).text)
  t.same(listed.map((kernel: { id: string }) => idOf('kernels', kernel)).sort(), everyone)
  t.equal(JSON.parse((await send(fake, { target: '/api/status' })).text).kernels, 2)
})

t.test('files and pages are served by the others', async (t) => {
  const { fake } = setUp()
  for (let i = 0; i < 10; i++) await send(fake, { target: `/api/contents/${i}.ipynb` })
  for (let i = 0; i < 10; i++) await send(fake, { target: '/lab' })
  t.same(new Set(fake.sent.map(({ to }) => to)), new Set(['b']))
})

t.test('an extension’s client stays where its cookie says, and a new one is sent elsewhere', async (t) => {
  const { fake, a } = setUp()
  fake.cluster.pool.restore(a.backend, 'says-so')
  fake.cluster.pool.judge(a.backend, 'pass', 'answers')
  const cookie = fake.gate.pins.cookie(a.backend, { encrypted: false }).split(';', 1)[0] as string
  fake.cluster.pool.drain(a.backend, 'says-so')
  await send(fake, { target: '/my-extension/x', headers: [...credentials, 'Cookie', cookie] })
  t.equal(fake.sent.at(-1)?.to, 'a')
  for (let i = 0; i < 10; i++) {
    await send(fake, { target: '/my-extension/x', address: `198.51.100.${i}` })
    t.equal(fake.sent.at(-1)?.to, 'b')
  }
})

t.test('where all drain people can still look and save, and nothing new is started', async (t) => {
  const { fake, b } = setUp()
  fake.cluster.pool.drain(b.backend, 'operator')
  t.equal((await send(fake, { target: '/api/kernels' })).status, 200)
  t.equal((await send(fake, { target: '/api/status' })).status, 200)
  const save = await send(fake, { method: 'PUT', target: '/api/contents/a.ipynb', body: '{}' })
  t.not(save.status, 503)
  for (const target of ['/api/kernels', '/api/terminals']) t.equal((await post(fake, target, {})).status, 503, target)
  t.equal((await post(fake, '/api/sessions', session('new.ipynb'))).status, 503)
  t.equal((await post(fake, '/api/sessions', session('there.ipynb'))).status, 201)
})

t.test('no client can have a server drained through the public door', async (t) => {
  const { fake } = setUp()
  for (const method of ['POST', 'DELETE', 'GET'])
    t.equal((await send(fake, { method, target: '/pyli/drain' })).status, 403, method)
  t.equal(fake.sent.length, 0)
})
