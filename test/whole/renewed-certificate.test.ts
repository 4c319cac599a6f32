import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import t from 'tap'
import { minutes } from '../../gateway/config/units.ts'
import { signal } from '../../provisioner/local/processes.ts'
import { type Issued, issue } from '../fakes/certificates.ts'
import { startFloodServer } from './support/flood.ts'
import { prepareGateway } from './support/gateway.ts'
import { quietPort } from './support/ports.ts'
import { startRun } from './support/run.ts'
import { until } from './support/until.ts'

t.setTimeout(minutes(6))
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
const valid = { from: inDays(-10), to: inDays(80), names: ['localhost'] }
const [first, second, third] = [
  await issue({ name: 'first', ...valid }),
  await issue({ name: 'second', ...valid }),
  await issue({ name: 'third', ...valid }),
]
const expired = await issue({ name: 'expired', ...valid, to: inDays(-1) })

for (const workers of [1, 3]) {
  t.test(`with ${workers} at work`, async (t) => {
    t.setTimeout(minutes(3))
    const run = await startRun(t)
    const { port: backend } = await startFloodServer(run)
    const [cert, key] = [join(run.folder, 'cert.pem'), join(run.folder, 'key.pem')]
    const put = (issued: Issued) => {
      writeFileSync(cert, issued.cert)
      writeFileSync(key, issued.key)
    }
    put(first)
    const port = await quietPort()
    const files = [`--tls-cert=${cert}`, `--tls-key=${key}`]
    const flags = [...files, `--workers=${workers}`, '--hsts=365d', `--redirect=127.0.0.1:${port}`]
    const gateway = await prepareGateway(run, { tls: 'files', baseUrl: '/', token: 'x', backends: [backend], flags })
    await gateway.start()

    const open = async (session?: Buffer): Promise<TLSSocket> => {
      const host = { port: gateway.port, host: '127.0.0.1', servername: 'localhost' }
      const socket = connect({ ...host, rejectUnauthorized: false, ...(session && { session }) })
      t.teardown(() => socket.destroy())
      socket.on('error', () => {}) // a worker that is killed resets it
      await once(socket, 'secureConnect')
      return socket
    }
    /** What as many new connections as reach every worker are shown. */
    const shown = async () => {
      const names = new Set<string>()
      for (let count = 0; count < 2 * workers; count++) {
        const socket = await open()
        names.add(String(socket.getPeerCertificate().subject.CN))
        socket.destroy()
      }
      return [...names].join()
    }
    const ask = async (socket: TLSSocket) => {
      socket.write('GET /api HTTP/1.1\r\nHost: localhost\r\n\r\n')
      const [chunk] = (await once(socket, 'data')) as [Buffer]
      return chunk.toString('latin1').split('\r\n', 1)[0]
    }
    const refusals = () => gateway.log.split('\n').filter((line) => line.includes('the new certificate is not taken'))

    await t.test('connections live on, and new ones are shown the new certificate', async (t) => {
      const before = await open()
      const [session] = (await once(before, 'session')) as [Buffer]
      t.equal(await ask(before), 'HTTP/1.1 200 OK')
      const resumed = await open(session)
      t.ok(resumed.isSessionReused(), 'sessions are resumed as long as nothing has changed')
      t.equal(await shown(), 'first')
      put(second)
      await until('the new certificate is shown', async () => (await shown()) === 'second')
      t.equal(await ask(before), 'HTTP/1.1 200 OK')
      for (let count = 0; count < 2 * workers; count++) {
        const socket = await open(session)
        t.notOk(socket.isSessionReused(), 'a session that began under the old certificate is not resumed')
        t.equal(socket.getPeerCertificate().subject.CN, 'second')
      }
    })

    await t.test('plain HTTP is led to HTTPS, and what comes there is told to come there alone', async (t) => {
      const redirect = await fetch(`http://localhost:${port}/api?a=b`, { redirect: 'manual' })
      t.equal(redirect.status, 308)
      t.equal(redirect.headers.get('location'), `https://localhost:${gateway.port}/api?a=b`)
      t.equal(redirect.headers.get('strict-transport-security'), null, 'browsers heed it over TLS alone')
      const socket = await open()
      socket.write('GET /api HTTP/1.1\r\nHost: localhost\r\n\r\n')
      const [answer] = (await once(socket, 'data')) as [Buffer]
      t.match(answer.toString('latin1'), /\r\nStrict-Transport-Security: max-age=31536000\r\n/)
    })

    await t.test('one that is worse is refused and said once, and operators see why', async (t) => {
      put(expired)
      await until('it is refused', async () => refusals().length > 0)
      t.equal(await shown(), 'second')
      const overview = await (await fetch(`${gateway.adminUrl}/backends`)).json()
      t.match(overview, { certificate: { subject: 'second', lastRefusal: { reason: /was valid until/ } } })
      put(third)
      await until('a good one is taken', async () => (await shown()) === 'third')
      t.equal(refusals().length, 1)
    })

    if (workers === 1) return
    await t.test('a worker that is forked later shows the new certificate as well', async (t) => {
      const replaced = () => gateway.log.includes('a worker has ended and is replaced')
      const parent = (pid: number) => Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1])
      const { processes } = gateway
      const [worker] = processes.filter((pid) => processes.includes(parent(pid)))
      signal([worker as number], 'SIGKILL')
      await until('it is replaced', async () => replaced() && gateway.processes.length === processes.length)
      await until('all serve', async () => (await overviewOf(gateway.adminUrl)).workers === workers)
      t.equal(await shown(), 'third')
    })
  })
}

async function overviewOf(adminUrl: string): Promise<{ workers: number }> {
  return (await (await fetch(`${adminUrl}/backends`)).json()) as { workers: number }
}

t.test('--check tells what the start would', async (t) => {
  const dir = t.testdir({
    'good.pem': first.cert,
    'expired.pem': expired.cert,
    'good.key': first.key,
    'expired.key': expired.key,
  })
  const check = (name: string) => {
    const main = join(import.meta.dirname, '..', '..', 'gateway', 'main.ts')
    const files = [`--tls-cert=${join(dir, `${name}.pem`)}`, `--tls-key=${join(dir, `${name}.key`)}`]
    const args = [main, '--check', '--backends=static:127.0.0.1:1', '--tls=files', ...files]
    return spawnSync(process.execPath, args, { encoding: 'utf8' })
  }
  t.match(check('good'), { status: 0, stdout: /--tls-cert/, stderr: /^warning: .*good\.pem is signed by itself.*\n$/ })
  t.match(check('expired'), { status: 1, stderr: /expired\.pem was valid until .*; renew it\n$/ })
  t.match(check('none'), { status: 1, stderr: /none\.pem does not exist; give --tls-cert/ })
})
