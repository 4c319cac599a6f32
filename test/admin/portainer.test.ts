import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { createAdmin } from '../../gateway/admin/admin.ts'
import { operatorSessions } from '../../gateway/limits/operator-cookie.ts'
import { createLog } from '../../gateway/observe/log.ts'
import { FakeOperations } from '../fakes/fake-operations.ts'

const token = 'an-operators-token'

/** The admin listener before a server that says what it was asked, as Portainer would be. */
async function setUp(t: Test) {
  const asked: IncomingMessage[] = []
  const bodies: string[] = []
  const portainer = createServer(async (request, response) => {
    asked.push(request)
    let body = ''
    for await (const chunk of request) body += chunk
    bodies.push(body)
    response.writeHead(201, { 'Content-Type': 'text/plain', 'Set-Cookie': ['a=1', 'b=2'], Location: '/portainer/x' })
    response.end('portainer')
  })
  const consoles = new WebSocketServer({ server: portainer })
  consoles.on('connection', (socket, request) => {
    asked.push(request)
    socket.on('message', (data) => socket.send(`you said ${data}`))
  })
  portainer.listen(0, '127.0.0.1')
  await once(portainer, 'listening')
  const { port: portainerPort } = portainer.address() as AddressInfo
  const close = () => {
    portainer.closeAllConnections()
    portainer.close()
  }
  const config = {
    adminToken: token,
    portainer: { host: '127.0.0.1', port: portainerPort },
    allowHosts: [],
    loginAttempts: 'off',
  } as const
  const log = createLog('off')
  const admin = createAdmin({ operations: new FakeOperations(), config, log, now: () => performance.now() })
  const { port } = (await admin.listen({ host: '127.0.0.1', port: 0 })) as AddressInfo
  t.teardown(() => {
    admin.close()
    close()
  })
  const origin = `http://127.0.0.1:${port}`
  const ask = (path: string, init: RequestInit = {}) => fetch(`${origin}${path}`, { redirect: 'manual', ...init })
  const login = async () => {
    const headers = { 'Content-Type': 'application/json', Origin: origin }
    const answer = await ask('/login', { method: 'POST', body: JSON.stringify({ token }), headers })
    return (answer.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? ''
  }
  return { asked, bodies, consoles, close, origin, port, ask, login }
}

t.test('who has logged in reaches Portainer, below its prefix and with its own words', async (t) => {
  const { ask, login, asked, bodies } = await setUp(t)
  const cookie = await login()
  const answer = await ask('/portainer/api/stacks?x=1', {
    method: 'POST',
    body: 'a stack',
    headers: { Cookie: `${cookie}; portainer=1`, Authorization: 'Bearer of-portainer', Connection: 'close' },
  })
  t.equal(answer.status, 201)
  t.equal(await answer.text(), 'portainer')
  t.strictSame(answer.headers.getSetCookie(), ['a=1', 'b=2'])
  t.equal(answer.headers.get('content-security-policy'), null, 'its pages have rules of their own')
  const [request] = asked
  t.match(request, { method: 'POST', url: '/api/stacks?x=1' })
  t.strictSame(bodies, ['a stack'])
  t.equal(request?.headers.cookie, 'portainer=1')
  t.equal(request?.headers.authorization, 'Bearer of-portainer')
  t.equal(request?.headers['x-forwarded-for'], '127.0.0.1')
})

t.test('a program comes by the admin token, which Portainer never sees', async (t) => {
  const { ask, asked } = await setUp(t)
  const answer = await ask('/portainer/', {
    headers: { Authorization: `Bearer ${token}`, 'X-Forwarded-For': '6.6.6.6' },
  })
  t.equal(answer.status, 201)
  t.equal(asked[0]?.headers.authorization, undefined)
  t.equal(asked[0]?.headers['x-forwarded-for'], '127.0.0.1')
})

t.test('nobody else does: a page is sent to where one logs in', async (t) => {
  const { ask, asked, origin } = await setUp(t)
  const page = await ask('/portainer/', { headers: { Accept: 'text/html' } })
  t.equal(page.status, 303)
  t.equal(page.headers.get('location'), '/')
  for (const headers of [{}, { Authorization: 'Bearer wrong' }, { Cookie: 'pyli-operator=1.wrong' }]) {
    t.equal((await ask('/portainer/api/status', { headers })).status, 401)
  }
  const foreign = { Authorization: `Bearer ${token}`, Origin: 'http://evil.example', 'Sec-Fetch-Site': 'cross-site' }
  t.equal((await ask('/portainer/api/status', { headers: foreign })).status, 403)
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/portainer/api/websocket/exec`)
  const [, refused] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  t.equal(refused.statusCode, 401)
  t.strictSame(asked, [])
})

t.test('the address without its last slash is led to the one with it', async (t) => {
  const { ask, login } = await setUp(t)
  const answer = await ask('/portainer', { headers: { Cookie: await login() } })
  t.equal(answer.headers.get('location'), '/portainer/')
  t.equal((await ask('/portainerx', { headers: { Cookie: await login() } })).status, 404)
})

t.test('its consoles are tunnels, and end with either side', async (t) => {
  const { login, origin, asked, consoles } = await setUp(t)
  const cookie = await login()
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/portainer/api/websocket/exec?id=1`, {
    headers: { Cookie: cookie },
  })
  await once(socket, 'open')
  socket.send('ls')
  t.equal(String((await once(socket, 'message'))[0]), 'you said ls')
  t.equal(asked[0]?.url, '/api/websocket/exec?id=1')
  t.same(operatorSessions(asked[0]?.headers.cookie), [])
  const [inside] = consoles.clients
  socket.terminate()
  await once(inside as WebSocket, 'close')
})

t.test('a Portainer that does not answer is told as such', async (t) => {
  const { ask, login, close } = await setUp(t)
  const cookie = await login()
  close()
  const answer = await ask('/portainer/', { headers: { Cookie: cookie } })
  t.equal(answer.status, 503)
  t.match(await answer.json(), { message: /^Portainer does not answer/ })
})
