import t, { type Test } from 'tap'
import { answerOn, ask, handshake, request } from './support/client.ts'
import { strictGateway } from './support/gateway.ts'
import { jupyterBackend, opening } from './support/jupyter-backend.ts'
import { logLines } from './support/log-lines.ts'

const spoofed = [
  'X-Forwarded-For: 203.0.113.9, 198.51.100.7',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Host: evil.example',
  'X-Real-IP: 203.0.113.9',
  'X-Scheme: gopher',
  'Forwarded: for=203.0.113.9;host=evil.example',
  'X-Forwarded-Port: 1',
]

/** What a backend is told of a client that says all this. */
async function told(t: Test, flags: readonly string[]) {
  const backend = await jupyterBackend(t)
  const gateway = await strictGateway(t, [backend], { flags })
  const client = gateway.connect()
  t.equal((await ask(client, request('GET', '/api/status', spoofed))).status, 200)
  t.equal((await ask(client, request('GET', '/api/me', spoofed))).status, 200)
  const heads = backend.asked.map(({ head }) =>
    head.split('\r\n').filter((line) => /^(host|x-(?!request-id)|forwarded)/i.test(line)),
  )
  return heads.at(-1)
}

t.test('nobody is trusted unless the operator says so', async (t) => {
  t.strictSame(await told(t, []), [
    'Host: jupyter.example',
    'X-Forwarded-For: 127.0.0.1',
    'X-Forwarded-Proto: http',
    'X-Forwarded-Host: jupyter.example',
  ])
})

t.test('a trusted proxy says who the client is and whether it came by TLS, and never the Host', async (t) => {
  t.strictSame(await told(t, ['--trust', 'loopback']), [
    'Host: jupyter.example',
    'X-Forwarded-For: 198.51.100.7, 127.0.0.1',
    'X-Forwarded-Proto: https',
    'X-Real-IP: 198.51.100.7',
    'X-Forwarded-Host: jupyter.example',
  ])
})

t.test('the log names the client, not the proxy', async (t) => {
  const lines = logLines()
  const backend = await jupyterBackend(t, 'a', ({ connection }) => connection.write('HTTP/1.1 200 OK\r\n\r\n'))
  const flags = ['--trust', '127.0.0.0/8', '--allow-host', 'another.example']
  const gateway = await strictGateway(t, [backend], { flags, log: lines.log })
  await ask(gateway.connect(), request('GET', '/', ['X-Forwarded-For: 2001:db8::7']))
  t.match(lines.of('misdirected'), [{ client: '2001:db8::7' }])
})

t.test('a WebSocket’s client is told in the same way', async (t) => {
  const backend = await jupyterBackend(t, 'a', opening)
  const gateway = await strictGateway(t, [backend], { flags: ['--trust', 'loopback'] })
  const client = gateway.connect()
  client.write(handshake(`/api/kernels/${backend.jupyter.hasKernel()}/channels`, spoofed))
  t.equal((await answerOn(client)).status, 101)
  t.match(backend.asked[0]?.head, /^X-Forwarded-For: 198\.51\.100\.7, 127\.0\.0\.1\r$/m)
})
