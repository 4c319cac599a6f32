import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import t, { type Test } from 'tap'
import { ms } from '../../gateway/config/units.ts'
import { selfSigned } from '../../gateway/control/certificates/self-signed.ts'
import { tlsOptions } from '../../gateway/control/certificates/tls-options.ts'
import { until } from '../whole/support/until.ts'
import { answerOn, ask, handshake, type RawAnswer, request } from './support/client.ts'
import { type StrictOptions, strictGateway } from './support/gateway.ts'
import { asJupyter, type JupyterBackend, jupyterBackend, opening, type Script } from './support/jupyter-backend.ts'
import { logLines } from './support/log-lines.ts'

async function setUp(t: Test, flags: readonly string[], { script, ...rest }: StrictOptions & { script?: Script } = {}) {
  const lines = logLines()
  const backend = await jupyterBackend(t, 'a', script ?? asJupyter)
  return { backend, lines, gateway: await strictGateway(t, [backend], { log: lines.log, ...rest, flags }) }
}

const retryAfter = ({ head }: RawAnswer) => Number(/^retry-after: (\d+)\r$/im.exec(head)?.[1])
const sentence = ({ body }: RawAnswer) => JSON.parse(body).message as string

t.test('--allow-host: another name is 421, for programs, people and WebSockets, and reaches no backend', async (t) => {
  const { gateway, backend, lines } = await setUp(t, ['--allow-host', 'jupyter.example,*.lab.example'])
  const under = (host: string, accept = '*/*') =>
    ask(gateway.connect(), `GET /api/status HTTP/1.1\r\nHost: ${host}\r\nAccept: ${accept}\r\n\r\n`)
  for (const host of ['jupyter.example', 'JUPYTER.example:8443', 'a.lab.example']) {
    t.equal((await under(host)).status, 200, host)
  }
  const before = backend.asked.length
  for (const host of ['evil.example', 'localhost', '127.0.0.1', 'lab.example', 'a.b.lab.example']) {
    const answer = await under(host)
    t.equal(answer.status, 421, host)
    t.match(sentence(answer), /name/)
    t.match(answer.head, /^connection: close\r$/im)
  }
  t.match(await under('evil.example', 'text/html'), { status: 421, body: /<h1>.+<p>Nothing is served here/s })
  t.equal((await ask(gateway.connect(), 'GET /api/status HTTP/1.0\r\n\r\n')).status, 421, 'no name at all')
  const socket = gateway.connect()
  socket.write(handshake('/api/kernels/x/channels').replace('jupyter.example', 'evil.example'))
  t.equal((await answerOn(socket)).status, 421)
  t.equal(backend.asked.length, before)
  // A WebSocket's line is written when its connection has ended.
  await until('a line for each', () => lines.of('misdirected').length === 8, undefined, ms(5))
  t.equal((await fetch(`${gateway.adminUrl}/healthz`)).status, 200, 'health is asked under any name')
})

t.test('--body-limit: a length beyond it is 413 before a byte reaches a backend', async (t) => {
  const { gateway, backend, lines } = await setUp(t, ['--body-limit', '4KiB'])
  const put = (length: number, expect: readonly string[] = []) =>
    request('PUT', '/api/contents/a', [`Content-Length: ${length}`, ...expect])
  const answer = await ask(gateway.connect(), put(4097))
  t.equal(answer.status, 413)
  t.match(answer.head, /^connection: close\r$/im)
  t.match(sentence(answer), /too large/)
  t.equal((await ask(gateway.connect(), put(2 ** 40, ['Expect: 100-continue']))).status, 413, 'and no 100 before')
  t.equal(backend.asked.length, 0)
  const just = gateway.connect()
  just.write(put(4096) + 'x'.repeat(4096))
  t.not((await answerOn(just)).status, 413)
  t.equal(lines.of('body-too-large').length, 2)
})

const chunk = (size: number) => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`
const chunked = request('PUT', '/api/contents/a', ['Transfer-Encoding: chunked'])

t.test('--body-limit: chunks are counted as they pass; beyond, 413, and the backend’s connection is cut', async (t) => {
  const { gateway, backend, lines } = await setUp(t, ['--body-limit', '4KiB'], { script: () => {} })
  const client = gateway.connect()
  client.write(chunked + chunk(4096))
  await backend.heard(1)
  await backend.asked[0]?.connection.takeThrough(chunk(4096))
  client.write(chunk(1))
  t.equal((await answerOn(client)).status, 413)
  await backend.asked[0]?.connection.closed
  t.notMatch(backend.asked[0]?.connection.received.toString(), /0\r\n\r\n/, 'no end of the body that could be believed')
  t.equal(lines.of('body-too-large').length, 1)
  const [backends] = ((await (await fetch(`${gateway.adminUrl}/backends`)).json()) as { backends: { state: string }[] })
    .backends
  t.equal(backends?.state, 'ready', 'and it is not the backend’s fault')
})

t.test('--body-limit: where the answer has begun it is cut, so that nobody takes it for whole', async (t) => {
  const early: Script = ({ connection }) =>
    connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n')
  const { gateway, backend } = await setUp(t, ['--body-limit', '4KiB'], { script: early })
  const client = gateway.connect()
  client.write(chunked + chunk(4096))
  await client.takeThrough('no\r\n')
  client.write(chunk(1))
  await client.closed
  t.notMatch(client.received.toString(), '0\r\n\r\n')
  await backend.asked[0]?.connection.closed
})

t.test('--body-limit 0 is no limit', async (t) => {
  const { gateway, backend } = await setUp(t, ['--body-limit', '0'], { script: () => {} })
  const client = gateway.connect()
  client.write(chunked + chunk(100_000))
  await backend.heard(1)
  t.equal((await backend.asked[0]?.connection.takeBytes(100_000))?.length, 100_000)
})

t.test('--connections: one too many is 503 at once; when one ends, the next is served', async (t) => {
  const { gateway, lines } = await setUp(t, ['--connections', '2'])
  const [first, second] = [gateway.connect(), gateway.connect()]
  for (const client of [first, second]) t.equal((await ask(client, request('GET', '/api'))).status, 200)
  for (let i = 0; i < 20; i++) {
    const refused = gateway.connect()
    const answer = await answerOn(refused) // it has said nothing
    t.equal(answer.status, 503)
    t.ok(retryAfter(answer) >= 1)
    t.match(sentence(answer), /connections/)
    await refused.closed
  }
  t.match(lines.of('too-many-connections')[0], { client: '127.0.0.1', count: 1 })
  t.equal((await ask(first, request('GET', '/api'))).status, 200, 'the others do not notice')
  first.socket.destroy()
  const served = async (): Promise<void> => {
    const next = gateway.connect()
    next.write(request('GET', '/api'))
    if ((await answerOn(next)).status !== 200) return served()
  }
  await served()
  t.pass('the next one is served')
})

t.test('--connections-per-client: one address; many come through a trusted proxy', async (t) => {
  const flags = ['--connections-per-client', '1']
  const { gateway, lines } = await setUp(t, flags)
  t.equal((await ask(gateway.connect(), request('GET', '/api'))).status, 200)
  t.equal((await answerOn(gateway.connect())).status, 503)
  t.equal(lines.of('too-many-of-client').length, 1)
  const { gateway: behindProxy } = await setUp(t, [...flags, '--trust', 'loopback'])
  for (let i = 0; i < 5; i++) t.equal((await ask(behindProxy.connect(), request('GET', '/api'))).status, 200)
})

t.test('over TLS one too many is ended before its handshake', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'pyli-limits-'))
  t.teardown(() => rm(dir, { recursive: true }))
  const tls = tlsOptions(await selfSigned({ dir, names: [], now: new Date() }))
  const { gateway } = await setUp(t, ['--connections', '1'], { surroundings: { tls } })
  const open = () => connectTls({ port: gateway.port, host: '127.0.0.1', rejectUnauthorized: false })
  const first = open()
  await new Promise((resolve) => first.once('secureConnect', resolve))
  const second = open()
  const end = await new Promise((resolve) => {
    second.once('secureConnect', () => resolve('a handshake'))
    second.once('error', () => resolve('none'))
    second.once('close', () => resolve('none'))
  })
  t.equal(end, 'none')
  first.destroy()
})

const status = request('GET', '/api/status')
const page = request('GET', '/lab')

t.test(
  'bodies that are read whole hold so much of one client and no more, and a session is made meanwhile',
  async (t) => {
    const { gateway, lines } = await setUp(t, ['--model-limit', '64KiB'])
    const length = 64 * 1024
    const waiting = Array.from({ length: 40 }, () => gateway.connect())
    const answers = waiting.map((client) => {
      client.write(`${request('POST', '/api/sessions', [`Content-Length: ${length}`])}${' '.repeat(length - 1)}`)
      return answerOn(client)
    })
    await until('some are refused', () => lines.of('too-many-bodies').length === 40 - 16)
    const session = JSON.stringify({ path: 'a.ipynb', type: 'notebook', kernel: { name: 'python3' } })
    t.equal((await ask(gateway.connect(), request('POST', '/api/sessions', [], session))).status, 201)
    t.equal((await Promise.race(answers)).status, 503)
    for (const { socket } of waiting) socket.destroy()
    await Promise.allSettled(answers)
  },
)

/** Answers nothing until it is told to. */
function holding(): { script: Script; letGo: () => void } {
  const gate = Promise.withResolvers<void>()
  return { script: async (asked, jupyter) => gate.promise.then(() => asJupyter(asked, jupyter)), letGo: gate.resolve }
}

t.test('--exchanges-per-backend: beyond, newcomers go to another, and then are 503 until one ends', async (t) => {
  const { script, letGo } = holding()
  const backends: [JupyterBackend, JupyterBackend] = [
    await jupyterBackend(t, 'a', script),
    await jupyterBackend(t, 'b', script),
  ]
  const lines = logLines()
  const flags = ['--exchanges-per-backend', '1']
  const gateway = await strictGateway(t, backends, { flags, log: lines.log })
  const waiting = [gateway.connect(), gateway.connect()]
  for (const client of waiting) client.write(page)
  await Promise.all(backends.map((backend) => backend.heard(1)))
  const refused = await ask(gateway.connect(), page)
  t.equal(refused.status, 503)
  t.ok(retryAfter(refused) >= 1)
  t.match(lines.of('backend-busy'), [{ status: 503 }])
  letGo()
  for (const client of waiting) t.not((await answerOn(client)).status, 503)
  t.not((await ask(gateway.connect(), page)).status, 503)
})

t.test(
  '--exchanges-per-backend: an owner that is full is 503 at once, and its open WebSockets do not count',
  async (t) => {
    const { script, letGo } = holding()
    const { gateway, backend } = await setUp(t, ['--exchanges-per-backend', '1'], {
      script: (asked, jupyter) =>
        asked.target.includes('channels') ? opening(asked, jupyter) : script(asked, jupyter),
    })
    const kernel = `/api/kernels/${backend.jupyter.hasKernel()}`
    for (let i = 0; i < 5; i++) {
      const socket = gateway.connect()
      socket.write(handshake(`${kernel}/channels?session_id=${i}`))
      t.equal((await answerOn(socket)).status, 101)
    }
    const first = gateway.connect()
    first.write(request('GET', kernel))
    await backend.heard(6)
    const refused = await ask(gateway.connect(), request('GET', kernel))
    t.equal(refused.status, 503)
    t.ok(retryAfter(refused) >= 1)
    letGo()
    t.equal((await answerOn(first)).status, 200)
    t.equal((await ask(gateway.connect(), request('GET', kernel))).status, 200)
  },
)

t.test('short of memory, idle connections end and new work is 503, while what runs is served', async (t) => {
  const memory = { resident: 1, constrained: 1_000_000 }
  const { gateway, backend, lines } = await setUp(t, [], { surroundings: { processMemory: () => memory } })
  const kernel = request('GET', `/api/kernels/${backend.jupyter.hasKernel()}`)
  const idle = gateway.connect()
  t.equal((await ask(idle, status)).status, 200)
  memory.resident = 900_000
  await idle.closed
  const refused = await ask(gateway.connect(), page)
  t.equal(refused.status, 503)
  t.ok(retryAfter(refused) >= 1)
  t.match(lines.of('overloaded'), [{ status: 503 }])
  t.equal((await ask(gateway.connect(), kernel)).status, 200)
  t.equal((await fetch(`${gateway.adminUrl}/healthz`)).status, 200)
})
