import { setTimeout as sleep } from 'node:timers/promises'
import type Docker from 'dockerode'
import type { Test } from 'tap'
import { minutes, seconds } from '../../gateway/config/units.ts'
import { containerOf, SECRETS, type ServerPlan } from '../../provisioner/image/container.ts'
import { filesOf, lastWords } from '../../provisioner/image/server.ts'
import { Rest } from '../whole/support/rest.ts'
import { until } from '../whole/support/until.ts'
import { ended, runIn } from './support/engine.ts'
import { volumeThatHangs } from './support/hanging-volume.ts'
import { KernelClient } from './support/kernel-client.ts'
import type { Start } from './support/servers.ts'

// What a container of the image does whatever its languages: who may come in, what it may do, how it ends, when it is well.

export function testContainers(t: Test, engine: Docker, start: Start, usual: ServerPlan): void {
  t.test('a login at one server is one at the other', async (t) => {
    const [one, two] = [await start(t), await start(t)]
    const page = await fetch(`${one.url}login`, { redirect: 'manual' })
    const xsrf = /_xsrf=([^;]+)/.exec(page.headers.getSetCookie().join('\n'))?.[1] ?? ''
    const login = await fetch(`${one.url}login`, {
      method: 'POST',
      redirect: 'manual',
      headers: { Cookie: `_xsrf=${xsrf}`, 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ _xsrf: xsrf, password: one.token }),
    })
    const cookie = login.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .find((pair) => pair?.startsWith('jupyter-login='))
    t.ok(cookie, 'it gives a cookie')
    for (const { url } of [one, two]) {
      t.equal((await fetch(`${url}api/kernels`, { headers: { Cookie: cookie ?? '' } })).status, 200)
      t.equal((await fetch(`${url}api/kernels`)).status, 403, 'and without one nobody comes in')
    }
  })

  t.test('what runs in it has no rights, and writes nothing but notebooks and what lies in memory', async (t) => {
    const server = await start(t)
    const kernel = await KernelClient.start(server, 'python3')
    const status = (await kernel.run('print(open("/proc/self/status").read())')).text
    t.match(status, /^Uid:\t1000\t1000\t1000\t1000$/m)
    t.match(status, /^Gid:\t100\t100\t100\t100$/m)
    for (const set of ['CapEff', 'CapPrm', 'CapBnd']) t.match(status, new RegExp(`^${set}:\\t0+$`, 'm'))
    t.match(status, /^NoNewPrivs:\t1$/m)
    const writable = await kernel.run(`
import os
for place in ["/", "/etc", "/opt/jupyter", "/opt/python", "/opt/examples", "/usr/bin", "/run/secrets", "/var",
              "/notebooks", "/home/jupyter", "/tmp"]:
    if os.access(place, os.W_OK): print(place)`)
    t.same(writable.text.trim().split('\n'), ['/notebooks', '/home/jupyter', '/tmp'])
    const environment = (await kernel.run('import os; print(sorted(os.environ))')).text
    t.notMatch(environment, /TOKEN|SECRET/)
    t.match((await kernel.run('import os; print(os.getcwd())')).text, /^\/notebooks\n$/)
    const hears = 'import site, sys; print(site.getusersitepackages() in sys.path)'
    t.match((await kernel.run(hears)).text, /^True\n$/, 'what is installed by a cell can be imported by the next one')
  })

  t.test("its secrets are in no environment and no log, and in nobody's arguments", async (t) => {
    const server = await start(t)
    await fetch(`${server.url}lab?token=${server.token}`)
    const told = JSON.stringify(await server.container.inspect())
    const log = String(await server.container.logs({ stdout: true, stderr: true }))
    const processes = JSON.stringify(await server.container.top())
    for (const text of [told, log, processes]) t.notOk(text.includes(server.token))
  })

  t.test('told to end, it ends at once where nothing runs in it', async (t) => {
    const { container } = await start(t)
    const began = Date.now()
    await container.kill({ signal: 'SIGTERM' })
    t.equal(await ended(container, seconds(20)), 0)
    t.comment(`after ${Date.now() - began} ms`)
  })

  t.test('told to end, it serves what runs until that is over, and says so', async (t) => {
    const server = await start(t)
    const rest = new Rest(server.url, server.token)
    const kernel = await KernelClient.start(server, 'python3')
    await kernel.run('x = 41')
    const isReady = async () => (await fetch(`${server.url}pyli/ready`)).status
    t.equal(await isReady(), 200)
    const { end } = await kernel.begin('import time\nprint("begun", flush=True)\ntime.sleep(5)\nprint(x + 1)')
    await server.container.kill({ signal: 'SIGTERM' })
    await until('it says that it drains', async () => (await isReady()) === 503)
    t.equal((await rest.ask('POST', 'api/kernels', {})).status, 503, 'nothing new')
    t.match(await end, { status: 'ok', text: 'begun\n42\n' }, 'and the cell runs to its end')
    await kernel.end()
    t.equal(await ended(server.container, seconds(20)), 0)
  })

  t.test('a second SIGTERM ends it at once, or means nothing where that was said', async (t) => {
    for (const [again, lives] of [
      ['end', false],
      ['stay', true],
    ] as const) {
      const server = await start(t, { PYLI_DRAIN_AGAIN: again })
      await KernelClient.start(server, 'python3')
      for (let i = 0; i < 2; i++) {
        await server.container.kill({ signal: 'SIGTERM' })
        await sleep(1000)
      }
      const outcome = await Promise.race([ended(server.container, seconds(15)), sleep(lives ? 3000 : 15_000, 'lives')])
      t.equal(outcome, lives ? 'lives' : 0, again)
    }
  })

  t.test('a volume that hangs makes it unhealthy in time, and well again when it answers', async (t) => {
    const volume = await volumeThatHangs(t)
    const server = await start(t, {}, volume.folder)
    const check = async () => {
      const began = Date.now()
      const { code, output } = await runIn(server.container, [
        '/opt/jupyter/bin/python',
        '-P',
        '/etc/jupyter/health.py',
      ])
      return { code, output, took: Date.now() - began }
    }
    t.match(await check(), { code: 0, output: '' })
    await volume.hang((await server.container.inspect()).Config.Hostname)
    const hanging = await check()
    t.match(hanging, { code: 1, output: /\/notebooks was not written in time/ })
    const given = ((await server.container.inspect()).Config.Healthcheck?.Timeout ?? 0) / 1e6
    t.ok(hanging.took < given, `the image's check has ${given} ms, and this took ${hanging.took}`)
    t.match(
      await check(),
      { code: 1, output: /has not been written since an earlier check/ },
      'and asks no second time',
    )
    await volume.answer()
    await until('it is well again', async () => (await check()).code === 0)
  })

  t.test('what is missing or wrong ends it with a sentence', async (t) => {
    t.setTimeout(minutes(15))
    const words = async (plan: Partial<ServerPlan>, secrets: Readonly<Record<string, string>>) => {
      const container = await engine.createContainer(containerOf({ ...usual, ...plan }))
      t.teardown(() => container.remove({ v: true, force: true }).catch(() => {}))
      await container.putArchive(filesOf(secrets), { path: SECRETS })
      await container.start()
      t.not(await ended(container, minutes(3)), 0)
      const log = await lastWords(container)
      await container.remove({ v: true, force: true })
      return log
    }
    const both = { 'jupyter-token': 't'.repeat(32), 'jupyter-cookie-secret': 'c'.repeat(32) }
    t.match(
      await words({}, {}),
      /^pyli: \/run\/secrets\/jupyter-token, the file of the token, cannot be read \(No such file or directory\)\. Give it as a secret .*$/,
    )
    t.match(
      await words({}, { ...both, 'jupyter-cookie-secret': 'short' }),
      /^pyli: .* must hold the cookie secret of 32 characters or more; it has 5\.$/,
    )
    const folder = t.testdir({})
    t.match(
      await words({ notebooks: folder }, both),
      /^pyli: \/notebooks cannot be written by user 1000 \(.*\)\. Mount the notebooks' folder there, owned by 1000:100\.$/,
    )
    t.match(
      await words({ environment: { PYLI_CULL_IDLE: 'soon' } }, both),
      /^pyli: PYLI_CULL_IDLE must be a number of seconds/,
    )
    t.match(
      await words({ environment: { PYLI_TERMINALS: 'no' } }, both),
      /^pyli: PYLI_TERMINALS must be on or off; it is 'no'\.$/,
    )
    t.match(await words({ environment: { PYLI_DRAIN_AGAIN: 'no' } }, both), /PYLI_DRAIN_AGAIN must be end or stay/)
  })

  t.test('the engine, which asks by itself, calls it healthy', async (t) => {
    const server = await start(t)
    await until(
      'the engine has asked',
      async () => healthOf(await server.container.inspect()) === 'healthy',
      seconds(60),
    )
  })
}

const healthOf = ({ State }: Docker.ContainerInspectInfo): string | undefined => State.Health?.Status
