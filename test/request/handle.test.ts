import { duplexPair, Readable } from 'node:stream'
import t from 'tap'
import { header } from '../../gateway/http1/raw-headers.ts'
import { handle } from '../../gateway/request/handle.ts'
import { countOf, token } from '../fakes/fake-cluster.ts'
import { closeOf, httpExchange, type RequestOptions, webSocketExchange } from '../fakes/fake-exchange.ts'
import { type FakeGate, fakeGate } from '../fakes/fake-gate.ts'

const credentials = ['Host', 'jupyter.example', 'Authorization', `token ${token}`]

async function send(fake: FakeGate, options: RequestOptions) {
  const exchange = httpExchange({ headers: credentials, ...options })
  await handle(fake.gate, exchange)
  return exchange.answer
}

t.test('a request reaches the owner of the kernel it names, byte for byte, wherever that is', async (t) => {
  const fake = fakeGate([], { names: 'abc' })
  for (const { server } of fake.members) {
    const id = server.hasKernel()
    const answer = await send(fake, { target: `/api/kernels/${id}?1700000000000` })
    t.equal(answer.status, 200)
    t.match(JSON.parse(answer.text), { id })
    t.match(fake.sent.at(-1), { to: server.name, target: `/api/kernels/${id}?1700000000000` })
  }
  t.same(
    fake.members.map(({ backend }) => backend.inFlight),
    [0, 0, 0],
  )
})

t.test('a body is passed on as it comes, with its length or without', async (t) => {
  const fake = fakeGate()
  await send(fake, { method: 'PUT', target: '/api/contents/a.ipynb', body: '{"a":1}' })
  await send(fake, { method: 'PUT', target: '/api/contents/a.ipynb', body: Readable.from([Buffer.from('{}')]) })
  t.match(fake.sent[0]?.body, { kind: 'stream', length: 7 })
  t.match(fake.sent[1]?.body, { kind: 'stream', length: undefined })
  t.equal(fake.sent[0]?.to, fake.sent[1]?.to, 'and one file meets one server')
})

t.test('paths that two programs could read differently go nowhere', async (t) => {
  const fake = fakeGate()
  const kernel = fake.members[0]?.server.hasKernel()
  const targets = [
    '/api/contents/../kernels',
    '/api/contents/%2e%2e/shutdown',
    '/files/..%2fapi/shutdown',
    '/x//../api/shutdown',
    '//api/shutdown',
    '/api//shutdown',
    '/api/%73hutdown',
    '/%61pi/kernels',
    `/api/kernels/${kernel}%2fchannels`,
    `/api/kernels/x/../${kernel}`,
    '/lab/../metrics',
  ]
  for (const target of targets) {
    const answer = await send(fake, { target })
    t.equal(answer.status, 400, target)
    t.equal(answer.closes, true, target)
  }
  t.same(fake.sent, [])
})

t.test('while a file may be written in any way that Jupyter reads', async (t) => {
  const fake = fakeGate()
  for (const target of [
    '/api/contents/a%20b/c%2Fd.ipynb',
    '/files/%C3%A4.csv',
    '/api/contents/a//b',
    '/files/.hidden',
    '/files/100%25',
  ]) {
    await send(fake, { target })
    t.equal(fake.sent.at(-1)?.target, target)
  }
})

t.test('a bad request reaches no backend', async (t) => {
  const fake = fakeGate()
  for (const [options, status] of [
    [{ target: '*' }, 400],
    [{ target: '/lab', headers: [] }, 400],
    [{ target: '/lab', headers: ['Host', 'a', 'Host', 'b'] }, 400],
    [{ target: 'http://evil/lab' }, 400],
    [{ target: '/lab', headers: ['Host', 'a', 'Expect', 'the impossible'] }, 417],
    [{ target: '/lab', headers: ['Host', 'a', 'Connection', 'cookie'] }, 400],
  ] as const) {
    t.equal((await send(fake, options)).status, status, JSON.stringify(options))
  }
  t.same(fake.sent, [])
})

t.test('shutdown stops no server, and says why', async (t) => {
  const fake = fakeGate()
  const answer = await send(fake, { method: 'POST', target: '/api/shutdown' })
  t.equal(answer.status, 403)
  t.match(JSON.parse(answer.text).message, /cluster/)
  t.same(fake.sent, [])
  t.same(
    fake.members.flatMap(({ server }) => server.asked),
    [],
  )
})

t.test('below another base URL, the same, and outside of it nothing is Jupyter’s', async (t) => {
  const fake = fakeGate(['--base-url', '/base/'])
  t.equal((await send(fake, { method: 'POST', target: '/base/api/shutdown' })).status, 403)
  await send(fake, { target: '/base/api/contents/a' })
  t.equal(fake.sent.at(-1)?.target, '/base/api/contents/a')
  const moved = await send(fake, { target: '/' })
  t.equal(moved.status, 302)
  t.equal(moved.header('location'), '/base/')
  await send(fake, { target: '/api/shutdown' })
  t.equal(fake.sent.at(-1)?.target, '/api/shutdown', 'a server below /base/ has no such address, and says so')
  t.equal((await send(fake, { target: '/base/../api/kernels' })).status, 400)
})

t.test('a list is composed: its own length, JSON, and the caller is named by nobody else', async (t) => {
  const fake = fakeGate()
  const ids = fake.members.map(({ server }) => server.hasKernel())
  const answer = await send(fake, { target: '/api/kernels?1700000000000' })
  t.same(
    JSON.parse(answer.text).map(({ id }: { id: string }) => id),
    ids,
  )
  t.equal(answer.header('content-length'), String(Buffer.byteLength(answer.text)))
  const head = await send(fake, { method: 'HEAD', target: '/api/kernels' })
  t.equal(head.text, '')
})

t.test('a model that is too large is refused before it is read', async (t) => {
  const fake = fakeGate(['--model-limit', '1KiB'])
  const body = JSON.stringify({ path: 'x'.repeat(1024), type: 'notebook' })
  for (const target of ['/api/sessions', '/api/kernels', '/api/terminals']) {
    t.equal((await send(fake, { method: 'POST', target, body })).status, 413, target)
  }
  t.same(
    fake.members.flatMap(({ server }) => server.asked),
    [],
  )
})

t.test('a GET goes to another backend when one fails; a POST only where nothing was sent', async (t) => {
  for (const { method, trouble, status } of [
    { method: 'GET', trouble: 'silent', status: 404 },
    { method: 'GET', trouble: 'refused', status: 404 },
    { method: 'POST', trouble: 'refused', status: 404 },
    { method: 'POST', trouble: 'silent', status: 503 },
    { method: 'PUT', trouble: 'silent', status: 503 },
  ] as const) {
    const fake = fakeGate()
    const [a] = fake.members
    if (a) a.trouble = trouble
    // The servers know no /login: their 404 is the sign that one was reached.
    const answer = await send(fake, { method, target: '/login', ...(method !== 'GET' && { body: '{}' }) })
    t.equal(answer.status, status, `${trouble} ${method}`)
    t.same(fake.failures, [a?.backend.key])
    t.same(
      fake.members.map(({ backend }) => backend.inFlight),
      [0, 0],
    )
  }
})

t.test('a GET that creates a terminal is said once, as a POST would be', async (t) => {
  const fake = fakeGate()
  const [a, b] = fake.members
  fake.cluster.owners.learn('terminals', 'mine', a?.backend as never)
  if (a) a.trouble = 'silent'
  t.equal((await send(fake, { target: '/terminals/new/mine' })).status, 503)
  t.equal(fake.sent.length, 1)
  t.equal(b?.server.terminals.size, 0)
})

t.test('a request for an owner is held while it cannot be reached, and served when it is back', async (t) => {
  const fake = fakeGate()
  const [, b] = fake.members
  const id = b?.server.hasKernel()
  await send(fake, { target: `/api/kernels/${id}` })
  if (b) b.trouble = 'refused'
  const { sleep } = fake.gate
  let tries = 0
  const gate = {
    ...fake.gate,
    sleep: (milliseconds: number) => {
      if (++tries === 3 && b) b.trouble = 'none'
      return sleep(milliseconds)
    },
  }
  const exchange = httpExchange({ headers: credentials, target: `/api/kernels/${id}` })
  await handle(gate, exchange)
  t.equal(exchange.answer.status, 200)
  t.equal(tries, 3)
})

t.test('an owner that stays away is 503, never 404, 502 or 504', async (t) => {
  const fake = fakeGate(['--hold-for', '1ms'])
  const [, b] = fake.members
  const id = b?.server.hasKernel()
  await send(fake, { target: `/api/kernels/${id}` })
  for (const trouble of ['refused', 'silent'] as const) {
    if (b) b.trouble = trouble
    const answer = await send(fake, { target: `/api/kernels/${id}` })
    t.equal(answer.status, 503, trouble)
    t.ok(answer.header('retry-after'))
  }
})

t.test('a kernel that nobody has is answered by Jupyter, not by us', async (t) => {
  const fake = fakeGate()
  const answer = await send(fake, { target: '/api/kernels/no-such-kernel-is-here' })
  t.equal(answer.status, 404)
  t.match(answer.text, 'Kernel does not exist')
})

t.test('a kernel that was ended is forgotten and in no list', async (t) => {
  const fake = fakeGate()
  const id = fake.members[1]?.server.hasKernel()
  await send(fake, { target: `/api/kernels/${id}` })
  t.equal((await send(fake, { method: 'DELETE', target: `/api/kernels/${id}` })).status, 204)
  t.equal(fake.cluster.owners.get('kernels', String(id)), undefined)
  t.same(JSON.parse((await send(fake, { target: '/api/kernels' })).text), [])
})

t.test('a client without a pin gets one, and stays where it points', async (t) => {
  const fake = fakeGate([], { names: 'abcd' })
  const first = await send(fake, { target: '/my-extension/x' })
  const cookie = first.header('set-cookie')?.split(';', 1)[0] as string
  const home = fake.sent.at(-1)?.to
  const headers = [...credentials, 'Cookie', cookie, 'User-Agent', 'another program on another address']
  const again = await send(fake, { target: '/my-extension/y', headers, address: '198.51.100.1' })
  t.equal(fake.sent.at(-1)?.to, home)
  t.equal(again.header('set-cookie'), undefined)
  const forged = ['Host', 'a', 'Cookie', 'pyli-backend=forged.value']
  t.ok((await send(fake, { target: '/my-extension/x', headers: forged })).header('set-cookie'))
})

t.test('many requests of a page at once agree before the first cookie', async (t) => {
  const fake = fakeGate([], { names: 'abcd' })
  await Promise.all(Array.from({ length: 20 }, (_, i) => send(fake, { target: `/my-extension/${i}` })))
  t.equal(new Set(fake.sent.map(({ to }) => to)).size, 1)
})

t.test('a pin to a backend that fails is given up for another', async (t) => {
  const fake = fakeGate()
  const first = await send(fake, { target: '/my-extension/x' })
  const cookie = first.header('set-cookie')?.split(';', 1)[0] as string
  const home = fake.members.find(({ server }) => server.name === fake.sent.at(-1)?.to)
  if (home) home.trouble = 'refused'
  const again = await send(fake, { target: '/my-extension/x', headers: [...credentials, 'Cookie', cookie] })
  t.equal(again.status, 404, 'as the other server answers')
  t.ok(again.header('set-cookie'))
  t.not(again.header('set-cookie')?.split(';', 1)[0], cookie)
})

t.test('while no backend is ready, a browser gets a page and a program JSON, with when to come back', async (t) => {
  const fake = fakeGate()
  for (const { backend } of fake.members) fake.cluster.pool.judge(backend, 'fail', 'refused')
  const program = await send(fake, { target: '/lab' })
  t.equal(program.status, 503)
  t.equal(program.header('retry-after'), '2')
  t.ok(JSON.parse(program.text).message)
  const browser = await send(fake, { target: '/lab', headers: ['Host', 'a', 'Accept', 'text/html'] })
  t.match(browser.text, 'http-equiv="refresh"')
})

t.test('a client that leaves ends what was done for it', async (t) => {
  const fake = fakeGate()
  const exchange = httpExchange({ headers: credentials, target: '/login' })
  const handling = handle(fake.gate, exchange)
  for (let i = 0; i < 100 && fake.sent.length === 0; i++) await Promise.resolve()
  exchange.answer.leave()
  await handling
  t.same(
    fake.members.map(({ backend }) => backend.inFlight),
    [0, 0],
  )
  t.equal(exchange.answer.status, 0)
})

t.test('a WebSocket of a kernel is opened at its owner and is a tunnel', async (t) => {
  const fake = fakeGate()
  const [, b] = fake.members
  const id = b?.server.hasKernel()
  const exchange = webSocketExchange({ target: `/api/kernels/${id}/channels?session_id=s1` })
  const [client, nearClient] = duplexPair()
  const heard: string[] = []
  const closed = closeOf(exchange)
  void handle(fake.gate, {
    ...exchange,
    accept: (_, headers) => {
      heard.push(`${header(headers, 'connection')} ${header(headers, 'upgrade')}`)
      return { socket: nearClient, rest: Buffer.alloc(0) }
    },
  })
  while (fake.opened.length === 0) await new Promise((resolve) => setImmediate(resolve))
  t.same(heard, ['Upgrade websocket'])
  t.match(fake.sent[0], { to: 'b', upgrade: 'websocket', headTimeout: 75_000 })
  t.equal(fake.gate.tunnels.size, 1)
  t.equal(b?.backend.inFlight, 1, 'it counts as long as it is open')
  client.end()
  fake.opened[0]?.end()
  client.resume()
  fake.opened[0]?.resume()
  await closed
  t.equal(b?.backend.inFlight, 0)
  t.equal(fake.gate.tunnels.size, 0)
})

t.test('a WebSocket handshake that is wrong, or goes where none can be, reaches no backend', async (t) => {
  const fake = fakeGate()
  const wrong = webSocketExchange({
    target: '/api/kernels/a-b-c-d-e/channels',
    headers: ['Host', 'a', 'Upgrade', 'websocket', 'Connection', 'Upgrade'],
  })
  await handle(fake.gate, wrong)
  t.equal(wrong.answer.status, 400)
  t.same(fake.sent, [])
})

t.test('two backends with one kernel id are told of', async (t) => {
  const fake = fakeGate()
  for (const { server } of fake.members) server.hasKernel('the-same-id-in-two')
  const answer = await send(fake, { target: '/api/kernels' })
  t.equal(JSON.parse(answer.text).length, 1)
  t.match(fake.lines, [{ msg: 'duplicate the-same-id-in-two' }])
})

t.test('short of memory, what already runs is served and nothing new begins', async (t) => {
  const fake = fakeGate([], {}, () => ({ resident: 99, constrained: 100 }))
  const kernel = fake.members[0]?.server.hasKernel()
  fake.gate.limits.memory.look()
  for (const target of [`/api/kernels/${kernel}`, '/api/kernels', '/api/status']) {
    t.equal((await send(fake, { target })).status, 200, target)
  }
  for (const target of ['/lab', '/api/contents/a', '/api/events/subscribe', '/some/extension']) {
    const answer = await send(fake, { target })
    t.equal(answer.status, 503, target)
    t.ok(answer.header('retry-after'))
  }
  t.equal((await send(fake, { method: 'POST', target: '/api/kernels' })).status, 503)
})

t.test(
  'a stranger who asks for many unknown kernels has them searched for a few times, and hears Jupyter',
  async (t) => {
    const fake = fakeGate([], { names: 'abc' })
    const searches = () => countOf(fake, 'GET', '/api/kernels')
    const stranger = { headers: ['Host', 'jupyter.example'] }
    for (let i = 0; i < 200; i++) {
      const answer = await send(fake, { target: `/api/kernels/${id(i)}`, ...stranger })
      t.equal(answer.status, 403)
    }
    t.equal(searches(), 50 * 3)
    t.equal((await send(fake, { target: `/api/sessions/${id(1)}`, ...stranger })).status, 403)
    t.equal(
      (await send(fake, { method: 'POST', target: '/api/kernels', body: '{"kernel_id":"x"}', ...stranger })).status,
      403,
    )
    t.equal(searches(), 50 * 3)
    t.equal((await send(fake, { target: `/api/kernels/${id(300)}`, ...stranger, address: '192.0.2.8' })).status, 403)
    t.equal(searches(), 51 * 3, 'others have theirs')
  },
)

t.test('who may know has every kernel found, however many they ask for', async (t) => {
  const fake = fakeGate([], { names: 'abc' })
  for (let i = 0; i < 100; i++) t.equal((await send(fake, { target: `/api/kernels/${id(i)}` })).status, 404)
  const late = fake.members[2]?.server.hasKernel()
  t.equal((await send(fake, { target: `/api/kernels/${late}` })).status, 200)
  t.equal(
    (await send(fake, { target: `/api/kernels/${late}`, headers: [...credentials, 'Origin', 'https://evil'] })).status,
    200,
  )
})

t.test('whether a caller is known is asked without his Origin, to a wrong one of which Jupyter says 404', async (t) => {
  const fake = fakeGate([], { names: 'a' })
  const headers = [...credentials, 'Origin', 'https://evil']
  for (let i = 0; i <= 50; i++) await send(fake, { target: `/api/kernels/${id(i)}`, headers })
  const asked = fake.members.flatMap(({ server }) => server.asked).filter(({ target }) => target.startsWith('/api/me'))
  t.equal(asked.length, 1)
  t.equal(header(asked[0]?.headers ?? [], 'origin'), undefined)
  t.equal(header(asked[0]?.headers ?? [], 'authorization'), `token ${token}`)
})

const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
