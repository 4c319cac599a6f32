import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { minutes } from '../../../gateway/config/units.ts'
import { type JupyterServer, partOf, startJupyter } from '../../../provisioner/local/jupyter.ts'
import { ownedBy } from '../../../provisioner/local/processes.ts'
import { ensureSecrets, readToken } from '../../../provisioner/local/secrets.ts'
import { isRunning, realPython, scratch } from './scratch.ts'

t.setTimeout(minutes(10)) // real servers and environments, on a machine that may be busy with other tests

async function startServers(t: Test, count: number, environment = {}, files: Readonly<Record<string, string>> = {}) {
  const stateDir = await scratch(t)
  const secrets = await ensureSecrets(stateDir)
  const common = { python: await realPython(), stateDir, secrets, environment }
  const notebooks = join(stateDir, 'notebooks')
  await mkdir(notebooks)
  for (const [name, text] of Object.entries(files)) await writeFile(join(notebooks, name), text)
  const servers = await Promise.all(
    Array.from({ length: count }, (_, place) =>
      startJupyter({ ...common, notebooks, index: place + 1, baseUrl: '/some/base/' }),
    ),
  )
  t.teardown(() => Promise.all(servers.map((server) => server.stop())))
  await Promise.all(servers.map(({ ready }) => ready))
  const headers = { authorization: `token ${await readToken(secrets.tokenFile)}` }
  const ask = (server: JupyterServer, path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${server.port}/some/base/${path}`, { headers, redirect: 'manual', ...init })
  return { stateDir, secrets, notebooks, ask, servers: servers as [JupyterServer, ...JupyterServer[]] }
}

t.test('a real server, of which nothing is left when it has stopped', async (t) => {
  const { stateDir, secrets, servers, ask, notebooks } = await startServers(t, 1)
  const [server] = servers
  t.match(await (await ask(server, 'api')).json(), { version: /^2\./ })
  t.equal((await ask(server, 'api/kernels', { headers: {} })).status, 403)
  await writeFile(join(notebooks, 'here.txt'), 'x')
  t.equal((await ask(server, 'api/contents/here.txt')).status, 200)

  t.equal((await ask(server, 'api/kernels', { method: 'POST', body: '{}' })).status, 201)
  t.equal((await ask(server, 'api/terminals', { method: 'POST' })).status, 200)
  const pids = ownedBy(stateDir)
  t.ok(pids.length >= 3, 'the server, a kernel, a shell')
  // What a shell runs as it starts may have ended meanwhile.
  const shown = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  t.notMatch(shown.join(), await readToken(secrets.tokenFile), 'the token is in no argument list')

  await server.stop()
  t.equal(await server.exited, 'exit code 0')
  t.strictSame(ownedBy(stateDir), [])
  t.strictSame(pids.filter(isRunning), [])
})

t.test('servers that share a state folder are interchangeable', async (t) => {
  const { servers, ask } = await startServers(t, 2)
  const [one, two] = servers as [JupyterServer, JupyterServer]
  const login = await ask(one, 'login', { method: 'POST', headers: { authorization: '' }, body: '' })
  t.equal(login.status, 403, 'without a token nobody gets in')

  const greeted = await ask(one, 'api/me')
  const cookie = greeted.headers.getSetCookie().find((each) => each.startsWith('jupyter-login='))
  t.ok(cookie, 'its name does not depend on the host')
  const withCookie = { headers: { cookie: cookie?.split(';')[0] ?? '' } }
  t.equal((await ask(two, 'api/status', withCookie)).status, 200, "one's cookie opens the other")

  const setting = 'lab/api/settings/@jupyterlab/apputils-extension:themes'
  const dark = JSON.stringify({ raw: '{ "theme": "JupyterLab Dark" }' })
  t.equal((await ask(one, setting, { method: 'PUT', body: dark })).status, 204)
  t.match(await (await ask(two, setting)).json(), { raw: /Dark/ })

  const page = await (await ask(two, 'lab')).text()
  t.match(page, '"news": {"disabled": true}')
  t.match(page, '"can_install": false')
  t.match(page, '"quitButton": false')
})

t.test('kernels of two servers never meet at one port: each server has a loopback address for them', async (t) => {
  const { stateDir, servers, ask } = await startServers(t, 2)
  for (const server of servers) await ask(server, 'api/kernels', { method: 'POST', body: '{}' })
  const addresses = servers.map((_, index) => {
    const runtime = join(stateDir, partOf(index + 1), 'runtime')
    const [file] = readdirSync(runtime).filter((name) => name.startsWith('kernel-'))
    return (JSON.parse(readFileSync(join(runtime, String(file)), 'utf8')) as { ip: string }).ip
  })
  for (const address of addresses) t.match(address, /^127\.(?!0\.0\.1$)/)
  t.not(addresses[0], addresses[1])
})

t.test("the user's kernels are found, and ours is not replaced by one of theirs", async (t) => {
  const home = await scratch(t)
  for (const [name, argv] of [
    ['theirs', ['true']],
    ['python3', ['false']],
  ] as const) {
    await mkdir(join(home, 'jupyter', 'kernels', name), { recursive: true })
    const spec = { argv, display_name: name, language: 'any' }
    await writeFile(join(home, 'jupyter', 'kernels', name, 'kernel.json'), JSON.stringify(spec))
  }
  process.env.XDG_DATA_HOME = home
  t.teardown(() => {
    delete process.env.XDG_DATA_HOME
  })
  const { servers, ask } = await startServers(t, 1)
  const { kernelspecs } = (await (await ask(servers[0], 'api/kernelspecs')).json()) as {
    kernelspecs: Record<string, { spec: { argv: string[] } }>
  }
  t.strictSame(Object.keys(kernelspecs).sort(), ['python3', 'theirs'])
  t.match(kernelspecs.python3?.spec.argv.join(' '), 'ipykernel')
})

t.test('one that is killed says so, takes its kernels along, and comes back on its port', async (t) => {
  const { stateDir, secrets, notebooks, servers, ask } = await startServers(t, 1)
  const [server] = servers
  await ask(server, 'api/kernels', { method: 'POST', body: '{}' })
  process.kill(server.pid, 'SIGKILL')
  t.equal(await server.exited, 'SIGKILL')
  await server.stop()
  t.strictSame(ownedBy(stateDir), [])

  const { port } = server
  const python = await realPython()
  const again = await startJupyter({ python, stateDir, secrets, notebooks, index: 1, baseUrl: '/some/base/', port })
  t.teardown(() => again.stop())
  await again.ready
  t.equal(again.port, port)
})

t.test("what lies beside the user's notebooks is not taken for Python's own modules", async (t) => {
  const { servers, ask, notebooks } = await startServers(t, 1, {}, { 'random.py': 'raise SystemExit("the user\'s")' })
  t.ok(existsSync(join(notebooks, 'random.py')))
  t.equal((await ask(servers[0], 'api')).status, 200)
})

t.test('one that cannot start says why', async (t) => {
  const { stateDir, secrets, notebooks, servers } = await startServers(t, 1)
  const { port } = servers[0]
  const python = await realPython()
  await t.rejects(startJupyter({ python, stateDir, secrets, notebooks, index: 2, baseUrl: '/', port }), {
    name: 'Trouble',
    message: new RegExp(`exit code 1.*jupyter-2\\.log.*port ${port} is not available`, 's'),
  })
})
