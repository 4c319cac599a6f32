import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { minutes, seconds } from '../../../gateway/config/units.ts'
import { eventually, ownedBy } from '../../../provisioner/local/processes.ts'
import { ROOT, scratchWithPython } from './scratch.ts'

t.setTimeout(minutes(10)) // real servers and environments, on a machine that may be busy with other tests

// The whole command, as a person starts it: real servers, the real gateway.

interface Run {
  readonly child: ChildProcess
  /** All that it has said so far. */
  said(): string
  /** Resolves with the address once it is printed. */
  readonly address: Promise<URL>
  end(signal: NodeJS.Signals): Promise<unknown[]>
}

const ANY_PORTS = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0']
const ANYWHERE = [...ANY_PORTS, '--tls', 'off']

function pyli(t: Test, ...args: string[]): Run {
  const child = spawn(process.execPath, [join(ROOT, 'provisioner', 'main.ts'), ...args])
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  const address = new Promise<URL>((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      said += chunk
      const [found] = /^https?:\/\/\S+$/m.exec(said) ?? []
      if (found !== undefined && said.includes('Ctrl-C')) resolve(new URL(found))
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    child.once('exit', () => reject(new Error(`it ended and said: ${said}`)))
  })
  address.catch(() => {})
  const end = (signal: NodeJS.Signals) => {
    const ended = once(child, 'exit')
    child.kill(signal)
    return ended
  }
  return { child, said: () => said, address, end }
}

const api = (address: URL, path: string, init?: RequestInit) =>
  fetch(new URL(`api/${path}${address.search}`, address), init)

async function untilAsync(done: () => Promise<boolean>, deadline = Date.now() + seconds(20)): Promise<boolean> {
  while (!(await done())) {
    if (Date.now() > deadline) return false
    await sleep(100)
  }
  return true
}

t.test('starts, serves, starts again in seconds with what was kept, and leaves nothing', async (t) => {
  const stateDir = await scratchWithPython(t)
  const first = pyli(t, 'local', '--state', stateDir, ...ANYWHERE, '--servers', '3')
  const address = await first.address
  t.match(address.href, /^http:\/\/localhost:\d+\/lab\?token=[0-9a-f]{48}$/)
  t.equal((await api(address, 'status')).status, 200)
  t.equal((await api(address, 'contents/Welcome.ipynb')).status, 200)
  t.equal((await api(address, 'kernels', { method: 'POST', body: '{}' })).status, 201)
  t.match(first.said(), /3 Jupyter servers answer as one/)
  const [, page = '', token] = /^(http:\/\/127\.0\.0\.1:\d+\/)#token=([0-9a-f]{48})$/m.exec(first.said()) ?? []
  t.match(await (await fetch(page)).text(), /<title>Pyli<\/title>/, 'the operators’ page')
  const headers = { Authorization: `Bearer ${token}` }
  t.match(await (await fetch(`${page}backends`, { headers })).json(), { backends: { length: 3 } })

  const second = pyli(t, 'local', '--state', stateDir, ...ANYWHERE)
  t.strictSame(await once(second.child, 'exit'), [1, null])
  t.match(second.said(), `already running in ${stateDir}: process ${first.child.pid}, at\n\n${address}\n`)
  t.equal((await api(address, 'status')).status, 200, 'and it did the first one no harm')

  t.strictSame(await first.end('SIGTERM'), [0, null])
  t.strictSame(ownedBy(stateDir), [])

  const started = Date.now()
  const third = pyli(t, 'local', '--state', stateDir, ...ANYWHERE)
  t.equal((await third.address).search, address.search, 'the same token')
  t.comment(`second start: ${Date.now() - started} ms`)
  t.strictSame(await third.end('SIGINT'), [0, null])
  t.strictSame(ownedBy(stateDir), [])
})

t.test('what a killed run has left is found and ended', async (t) => {
  const stateDir = await scratchWithPython(t)
  const killed = pyli(t, 'local', '--state', stateDir, ...ANYWHERE)
  await api(await killed.address, 'kernels', { method: 'POST', body: '{}' })
  await killed.end('SIGKILL')
  const left = ownedBy(stateDir)
  t.ok(left.length >= 4, 'two servers, a gateway and a kernel')

  const next = pyli(t, 'local', '--state', stateDir, ...ANYWHERE)
  await next.address
  t.match(next.said(), 'Ended what an earlier run had left behind')
  t.notOk(ownedBy(stateDir).some((pid) => left.includes(pid)))
  await next.end('SIGTERM')
})

t.test('gateway and servers that die come back; kernels of the other server live on', async (t) => {
  const stateDir = await scratchWithPython(t)
  const run = pyli(t, 'local', '--state', stateDir, ...ANYWHERE)
  const address = await run.address
  const kernel = (await (await api(address, 'kernels', { method: 'POST', body: '{}' })).json()) as { id: string }

  const [gateway] = ownedBy(stateDir, 'gateway')
  process.kill(gateway ?? 0, 'SIGKILL')
  t.ok(await eventually(() => run.said().includes('The gateway ended (SIGKILL)'), seconds(10)))
  const statusOf = (path: string) =>
    api(address, path).then(
      ({ status }) => status,
      () => 0,
    )
  t.ok(await untilAsync(async () => (await statusOf(`kernels/${kernel.id}`)) === 200), 'the kernel is there')

  const [server] = ownedBy(stateDir, 'jupyter-1')
  process.kill(server ?? 0, 'SIGKILL')
  t.ok(await eventually(() => run.said().includes('Jupyter server 1 ended (SIGKILL)'), seconds(10)))
  t.ok(await eventually(() => ownedBy(stateDir, 'jupyter-1').length > 0, seconds(20)))
  t.strictSame(await run.end('SIGTERM'), [0, null])
  t.strictSame(ownedBy(stateDir), [])
})

t.test('how its CA is trusted can be read later, and who asks twice to stop it waits for nothing', async (t) => {
  const stateDir = await scratchWithPython(t)
  const run = pyli(t, 'local', '--state', stateDir, ...ANY_PORTS, '--tls', 'self-signed')
  t.equal((await run.address).protocol, 'https:')
  t.match(await readFile(join(stateDir, 'tls', 'trust.txt'), 'utf8'), `sudo cp ${stateDir}/tls/ca.pem `)
  const ended = once(run.child, 'exit')
  run.child.kill('SIGINT')
  run.child.kill('SIGTERM')
  t.strictSame(await ended, [130, null])
  t.ok(await eventually(() => ownedBy(stateDir).length === 0, seconds(2)))
})

t.test('mistakes and taken ports are sentences, before anything is made', async (t) => {
  const stateDir = await scratchWithPython(t)
  const wrong = pyli(t, 'local', '--state', stateDir, '--servers', 'many', '--tls', 'maybe')
  t.strictSame(await once(wrong.child, 'close'), [1, null])
  t.match(wrong.said(), '--servers must be a whole number from 1 to 16')
  t.match(wrong.said(), '--tls must be self-signed, files or off')
  t.notMatch(wrong.said(), /\bat .*:\d+:\d+/, 'no stack')

  const nowhere = pyli(t, 'local', '--state', '/dev/null/x')
  t.strictSame(await once(nowhere.child, 'close'), [1, null])
  t.equal(nowhere.said(), '/dev/null/x cannot be made or written to (ENOTDIR): name another folder with --state DIR.\n')

  const holder = createServer().listen(0, '127.0.0.1')
  t.teardown(() => holder.close())
  await once(holder, 'listening')
  const { port } = holder.address() as { port: number }
  const late = pyli(t, 'local', '--state', stateDir, '--listen', `127.0.0.1:${port}`)
  t.strictSame(await once(late.child, 'close'), [1, null])
  t.match(late.said(), `Port ${port} on 127.0.0.1 is taken by another program: choose another with --listen`)
  await t.rejects(stat(join(stateDir, 'notebooks')), { code: 'ENOENT' })
})
