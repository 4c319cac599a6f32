import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { minutes } from '../../gateway/config/units.ts'
import { until } from './support/until.ts'

t.setTimeout(minutes(5))

const MAIN = join(import.meta.dirname, '..', '..', 'gateway', 'main.ts')
const kernel = 'aaaaaaaa-0000-4000-8000-000000000001'

/** One server with one kernel, which takes its time where it is asked for files. */
async function jupyter(t: Test) {
  const waiting: ServerResponse[] = []
  const tokens: (string | undefined)[] = []
  const server = createServer((request, response) => {
    tokens.push(request.headers.authorization)
    if (request.url?.startsWith('/files/')) return waiting.push(response)
    return response.setHeader('Content-Type', 'application/json').end(JSON.stringify(listOf(request)))
  })
  const sockets = new WebSocketServer({ server })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets.clients) socket.terminate()
    server.close()
    server.closeAllConnections()
  })
  return { port: (server.address() as AddressInfo).port, waiting, tokens }
}

const listOf = ({ url = '' }: IncomingMessage) =>
  url.startsWith('/api/kernels') ? [{ id: kernel, name: 'python3' }] : url === '/api' ? { version: '2' } : []

interface Backends {
  readonly backends: readonly { readonly address: string; readonly state: string }[]
}

interface Line {
  readonly msg: string
  readonly [field: string]: unknown
}

/** The real program before that server. */
async function gateway(t: Test, flags: readonly string[]) {
  const server = await jupyter(t)
  return { ...server, ...(await program(t, [`--backends=static:127.0.0.1:${server.port}`, ...flags])) }
}

async function program(t: Test, flags: readonly string[]) {
  const args = [MAIN, '--tls=off', '--listen=127.0.0.1:0', '--admin=127.0.0.1:0', '--survey-every=50ms']
  const child = spawn(process.execPath, [...args, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH },
  })
  t.teardown(() => void child.kill('SIGKILL'))
  const lines: Line[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)))
  const said = (msg: string) => lines.find((line) => line.msg === msg)
  const { listen, admin } = await until('it listens', () => said('listening'))
  const readyz = async () => (await fetch(`http://${admin}/readyz`)).status
  await until('it is ready', async () => (await readyz()) === 200)
  return { child, lines, said, readyz, listen: String(listen), admin: String(admin), ended: ended(child) }
}

async function ended(child: ChildProcess): Promise<number | string> {
  const [code, signal] = await once(child, 'exit')
  return code ?? signal
}

for (const workers of [1, 2]) {
  const start = (t: Test, ...flags: string[]) => gateway(t, [`--workers=${workers}`, ...flags])

  t.test(`SIGTERM, ${workers} at work: what is under way ends well, nothing new begins`, async (t) => {
    const { child, listen, readyz, waiting, ended } = await start(t, '--drain-for=1m')
    const socket = new WebSocket(`ws://${listen}/api/kernels/${kernel}/channels?session_id=s`)
    await once(socket, 'open')
    const closed = once(socket, 'close')
    const download = fetch(`http://${listen}/files/a`)
    await until('it is under way', () => waiting.length === 1)

    child.kill('SIGTERM')
    const [code] = await closed
    t.equal(code, 1006, 'no close frame: JupyterLab stays away after 1000 and 1001')
    t.equal(await readyz(), 503)
    await t.rejects(fetch(`http://${listen}/lab`), 'and connects to nobody')
    t.equal(child.exitCode, null)
    waiting[0]?.end('all of it')
    t.equal(await (await download).text(), 'all of it')
    t.equal(await ended, 0)
  })

  t.test(`SIGTERM, ${workers} at work: what does not end is cut at the deadline`, async (t) => {
    const { child, listen, waiting, ended } = await start(t, '--drain-for=100ms')
    const download = fetch(`http://${listen}/files/a`)
    await until('it is under way', () => waiting.length === 1)
    child.kill('SIGTERM')
    await t.rejects(download)
    t.equal(await ended, 0)
  })

  t.test(`a second SIGTERM, ${workers} at work, does not wait`, async (t) => {
    const { child, listen, waiting, said, ended } = await start(t, '--drain-for=10m')
    const cut = t.rejects(fetch(`http://${listen}/files/a`))
    await until('it is under way', () => waiting.length === 1)
    child.kill('SIGTERM')
    await until('it has heard the first', () => said('ending: exchanges under way may finish'))
    child.kill('SIGTERM')
    t.equal(await ended, 1)
    await cut
  })

  t.test(
    `SIGHUP, ${workers} at work: the token’s file is read again, and what holds until a restart is said`,
    async (t) => {
      const file = join(t.testdir({}), 'token')
      writeFileSync(file, 'first')
      const { child, lines, tokens, readyz } = await start(t, `--token-file=${file}`)
      await until('it asks with the first', () => tokens.includes('token first'))
      writeFileSync(file, 'second\n')
      child.kill('SIGHUP')
      const told = () => lines.filter(({ msg }) => msg === 'the files of the options were read again')
      await until('it says so', () => told().length === 1)
      t.match(told()[0], { changed: ['--token-file'], afterRestart: [] })
      tokens.length = 0
      await until('it asks with the second', () => tokens.includes('token second'))
      tokens.length = 0
      await until('and goes on', () => tokens.filter((token) => token?.startsWith('token')).length > 10 * workers)
      t.notOk(tokens.includes('token first'))

      rmSync(file)
      child.kill('SIGHUP')
      const refusal = () => lines.find(({ msg }) => msg === 'read again, and nothing taken over')
      await until('it says why not', refusal)
      t.match(refusal()?.mistakes, [/^--token-file must name a file that can be read/])
      t.equal(await readyz(), 200)
      t.notMatch(JSON.stringify(lines), /"second"/)
    },
  )

  t.test(`SIGHUP, ${workers} at work: servers and limits of the options' file hold at once`, async (t) => {
    const [first, second] = [await jupyter(t), await jupyter(t)]
    const file = join(t.testdir({}), 'gateway.env')
    const write = (...lines: string[]) => writeFileSync(file, lines.join('\n'))
    const serversAre = (...servers: { readonly port: number }[]) =>
      `PYLI_BACKENDS=static:${servers.map(({ port }) => `127.0.0.1:${port}`).join(',')}`
    write(serversAre(first))
    const flags = [`--workers=${workers}`, `--options=${file}`, '--forget-after=1s', '--slow-start=0s']
    const { child, said, lines, listen, admin } = await program(t, flags)
    const upload = async () => {
      const response = await fetch(`http://${listen}/api/contents/a`, { method: 'PUT', body: 'x'.repeat(2000) })
      await response.text()
      return response.status
    }
    t.equal(await upload(), 200)

    write(serversAre(second), 'PYLI_BODY_LIMIT=1KiB', 'PYLI_PROBE_EVERY=5s')
    child.kill('SIGHUP')
    const told = await until('it says so', () => said('the files of the options were read again'))
    t.match(told, { changed: ['--backends', '--body-limit'], afterRestart: ['--probe-every'] })
    t.equal(await upload(), 413)
    const states = async () => {
      const { backends } = (await (await fetch(`http://${admin}/backends`)).json()) as Backends
      return backends.map(({ address, state }) => `${address} ${state}`)
    }
    await until('the second serves', async () => (await states()).includes(`127.0.0.1:${second.port} ready`))
    const hasFirst = (all: string[]) => all.some((line) => line.startsWith(`127.0.0.1:${first.port} `))
    t.ok(!hasFirst(await states()) || (await states()).includes(`127.0.0.1:${first.port} draining`))

    write('PYLI_BAKENDS=static:127.0.0.1:1')
    child.kill('SIGHUP')
    const refusal = () => lines.find(({ msg }) => msg === 'read again, and nothing taken over')
    await until('it says why not', refusal)
    t.strictSame(refusal()?.mistakes, [
      `${file}:1: PYLI_BAKENDS is not known; did you mean PYLI_BACKENDS?`,
      '--backends is needed, for example --backends static:10.0.0.2:8888,10.0.0.3:8888 (or PYLI_BACKENDS in the environment)',
    ])
    // A worker that found it later than the other may still be looking at it.
    await until('what held holds', async () => (await states()).includes(`127.0.0.1:${second.port} ready`))
  })
}
