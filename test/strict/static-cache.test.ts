import t from 'tap'
import { answerOn, request } from './support/client.ts'
import { type StrictGateway, strictGateway } from './support/gateway.ts'
import { jupyterBackend, type Script } from './support/jupyter-backend.ts'

const name = '/static/lab/main.efd36b46f3b45eb8.js'
const script = 'let a = 1\n'.repeat(500)

async function get(gateway: StrictGateway, target: string, headers: readonly string[] = [], method = 'GET') {
  const connection = gateway.connect()
  connection.write(request(method, target, headers))
  return method === 'HEAD' ? { status: 0, head: await connection.head(), body: '' } : answerOn(connection)
}

const head = (status: string, ...fields: string[]) =>
  `HTTP/1.1 ${status}\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`
const file: Script = ({ connection }) =>
  connection.write(
    head(
      '200 OK',
      'Content-Type: application/javascript',
      'Cache-Control: public, max-age=31536000, immutable',
      `Content-Length: ${script.length}`,
    ) + script,
  )

t.test('a file that names its content is asked for once, of a server that is told nothing of who asks', async (t) => {
  const backend = await jupyterBackend(t, 'a', file)
  const gateway = await strictGateway(t, [backend])
  const secrets = ['Cookie: username=signed', 'Authorization: token abc', 'X-XSRFToken: b']
  for (let i = 0; i < 3; i++) {
    const { status, body } = await get(gateway, name, secrets)
    t.equal(status, 200)
    t.equal(body, script)
  }
  t.equal(backend.asked.length, 1)
  t.notMatch(backend.asked[0]?.head, /cookie|authorization|xsrf|forwarded/i)
})

t.test('when its server is gone it is served on', async (t) => {
  const backend = await jupyterBackend(t, 'a', file)
  const gateway = await strictGateway(t, [backend])
  await get(gateway, name)
  backend.script = ({ connection }) => connection.write(head('404 Not Found', 'Content-Length: 0'))
  t.equal((await get(gateway, name)).status, 200)
  t.equal((await get(gateway, '/static/lab/other.efd36b46f3b45eb8.js')).status, 404)
})

t.test('what a stranger does not get is not kept, and goes to whoever may have it', async (t) => {
  const guarded: Script = (asked, jupyter) => {
    if (/cookie/i.test(asked.head)) return file(asked, jupyter)
    return asked.connection.write(head('302 Found', 'Location: /login', 'Content-Length: 0'))
  }
  const backend = await jupyterBackend(t, 'a', guarded)
  const gateway = await strictGateway(t, [backend])
  const secrets = ['Cookie: username=signed']
  t.equal((await get(gateway, name, secrets)).status, 200)
  t.equal((await get(gateway, name)).status, 302)
  t.equal((await get(gateway, name, secrets)).status, 200)
  t.equal(backend.asked.length, 4, 'once as a stranger, then as each of the three')
})

t.test('a failing server is passed on to as without a cache', async (t) => {
  const backend = await jupyterBackend(t, 'a', ({ connection }) => connection.write('nonsense\r\n\r\n'))
  const gateway = await strictGateway(t, [backend])
  t.equal((await get(gateway, name)).status, 503)
})

t.test('HEAD, conditions and parts are answered from what is kept', async (t) => {
  const backend = await jupyterBackend(t, 'a', file)
  const gateway = await strictGateway(t, [backend])
  const whole = await get(gateway, name)
  const etag = /^etag: (.*)\r$/im.exec(whole.head)?.[1] ?? ''
  const headed = await get(gateway, name, [], 'HEAD')
  t.match(headed.head, new RegExp(`^HTTP/1.1 200 [^]*Content-Length: ${script.length}\r\n`))
  t.equal((await get(gateway, name, [`If-None-Match: ${etag}`])).status, 304)
  const part = await get(gateway, name, ['Range: bytes=4-6'])
  t.match(part, { status: 206, body: 'a =' })
  t.equal(backend.asked.length, 1)
})

t.test('--static-cache off keeps nothing', async (t) => {
  const backend = await jupyterBackend(t, 'a', file)
  const gateway = await strictGateway(t, [backend], { flags: ['--static-cache=off'] })
  for (let i = 0; i < 2; i++) await get(gateway, name)
  t.equal(backend.asked.length, 2)
})
