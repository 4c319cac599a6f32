import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { gatewayAdmin } from '../../../provisioner/stack/gateway-admin.ts'

/** The operators' side of a gateway, as far as it is asked. */
async function stage(t: Test, answers: Readonly<Record<string, readonly [status: number, body: unknown]>>) {
  const folder = mkdtempSync(join(tmpdir(), 'pyli-'))
  const socket = join(folder, 'a.sock')
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    const [status, body] = answers[`${request.method} ${request.url}`] ?? [404, {}]
    response.writeHead(status).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  t.teardown(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })
  return { admin: gatewayAdmin(socket, async () => 'secret'), asked, socket }
}

t.test('servers are read, and told, by the token', async (t) => {
  const backends = [{ address: '10.0.1.5:8888', state: 'ready', kernels: [] }]
  const { admin, asked } = await stage(t, {
    'GET /overview': [200, { backends }],
    'POST /backends/10.0.1.5:8888/drain': [200, {}],
  })
  t.strictSame(await admin.backends(), backends)
  t.equal(await admin.tell('10.0.1.5:8888', 'drain'), true)
  t.equal(await admin.tell('10.0.1.9:8888', 'drain'), false, 'nobody knows it')
  t.ok(asked.every((line) => line.endsWith(' Bearer secret')))
})

t.test('what goes wrong is a sentence', async (t) => {
  const { admin } = await stage(t, { 'GET /overview': [401, {}], 'POST /backends/a:1/restore': [503, {}] })
  await t.rejects(admin.backends(), { name: 'Trouble', message: /it answers 401/ })
  await t.rejects(admin.tell('a:1', 'restore'), { name: 'Trouble', message: /could not restore a:1: it answers 503/ })
  await t.rejects(gatewayAdmin('/nowhere.sock', async () => '').backends(), {
    name: 'Trouble',
    message: /is not reached \(ENOENT\): does its service run\?/,
  })
})
