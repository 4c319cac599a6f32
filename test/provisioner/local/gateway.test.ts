import t from 'tap'
import { type GatewayPlan, gatewayArgs, gatewayLogPlace, reachable } from '../../../provisioner/local/gateway.ts'
import { parseLocalOptions } from '../../../provisioner/local/options.ts'
import { addressOf, alreadyRunning, greeting, operatorsAddressOf } from '../../../provisioner/local/words.ts'

function plan(args: string[], listen = { host: '127.0.0.1', port: 8443 }): GatewayPlan {
  return {
    options: parseLocalOptions(args, {}, '/s'),
    listen,
    admin: { host: '127.0.0.1', port: 9090 },
    secrets: {
      tokenFile: '/s/secrets/token',
      cookieSecretFile: '/s/secrets/cookie-secret',
      adminTokenFile: '/s/secrets/admin-token',
    },
    ports: [4001, 4002],
  }
}

t.test('the gateway is told where, whom, and the token by its file; the user comes last', async (t) => {
  t.strictSame(gatewayArgs(plan(['--fall', '5'])), [
    '--listen=127.0.0.1:8443',
    '--admin=127.0.0.1:9090',
    '--backends=static:127.0.0.1:4001,127.0.0.1:4002',
    '--token-file=/s/secrets/token',
    '--admin-token-file=/s/secrets/admin-token',
    '--tls-dir=/s/tls',
    '--log=json',
    '--fall',
    '5',
  ])
})

t.test('a log that the user asks for is not asked for twice', async (t) => {
  t.strictSame(
    gatewayArgs(plan(['--log', 'pretty'])).filter((arg) => arg.startsWith('--log')),
    ['--log'],
  )
})

t.test('the address is one that a browser on this machine can open', async (t) => {
  t.equal(addressOf(plan([]), 'abc'), 'https://localhost:8443/lab?token=abc')
  t.equal(addressOf(plan(['--tls', 'off', '--base-url', '/j/']), 'abc'), 'http://localhost:8443/j/lab?token=abc')
  t.equal(addressOf(plan([], { host: '0.0.0.0', port: 443 }), 'abc'), 'https://localhost:443/lab?token=abc')
  t.equal(addressOf(plan([], { host: 'fd00::1', port: 443 }), 'abc'), 'https://[fd00::1]:443/lab?token=abc')
})

t.test('without an admin listener there is neither a token for it nor a page', async (t) => {
  const without: GatewayPlan = { ...plan([]), admin: 'off' }
  t.notMatch(gatewayArgs(without).join(' '), 'admin-token')
  t.equal(operatorsAddressOf(without, 'def'), undefined)
  t.equal(operatorsAddressOf({ ...plan([]), admin: { host: '::', port: 1 } }, 'def'), 'http://[::1]:1/#token=def')
})

t.test('a listener on all addresses is asked on loopback', async (t) => {
  t.strictSame(reachable({ host: '0.0.0.0', port: 1 }), { host: '127.0.0.1', port: 1 })
  t.strictSame(reachable({ host: '::', port: 1 }), { host: '::1', port: 1 })
})

t.test('each address stands alone on its line', async (t) => {
  const operators = operatorsAddressOf(plan([]), 'def')
  t.equal(operators, 'http://127.0.0.1:9090/#token=def')
  const address = addressOf(plan([]), 'abc')
  const lines = greeting({ plan: plan([]), address, operators, notebooks: '/n', isNewCa: false }).split('\n')
  t.ok(lines.includes(address))
  t.ok(lines.includes(operators ?? ''))
})

const greeted = (args: string[], isNewCa = false): string =>
  greeting({ plan: plan(args), address: 'https://localhost:8443/lab', operators: undefined, notebooks: '/n', isNewCa })

t.test('how to trust the CA is told at the first start, and later where it can be read', async (t) => {
  t.match(greeted([], true), '/s/tls/ca.pem')
  t.notMatch(greeted([]), 'ca.pem')
  t.match(greeted([]), 'how: /s/tls/trust.txt\n')
  t.notMatch(greeted(['--tls', 'off'], true), /ca\.pem|trust/)
})

t.test('a log is named where it goes, and the address where it will be pushed away', async (t) => {
  t.match(greeted([]), 'Logs         /s/log\n')
  t.match(greeted(['--log', 'pretty']), "Logs         /s/log; the gateway's: on this terminal\n")
  t.match(greeted(['--log', 'pretty']), 'the same command in another terminal tells the address again')
  t.match(greeted(['--log', 'off']), "Logs         /s/log; the gateway's: none (--log off)\n")
  t.notMatch(greeted(['--log', 'off']), 'another terminal')
  t.equal(gatewayLogPlace(plan([]).options), '/s/log/gateway.log')
})

t.test('a second one learns where the first one answers, if it does yet', async (t) => {
  t.match(
    alreadyRunning('/s', { pid: 7, address: 'https://h/' }),
    'already running in /s: process 7, at\n\nhttps://h/\n\nStop',
  )
  t.match(alreadyRunning('/s', { pid: 7, address: '' }), 'just starting in /s: process 7. Stop that one')
})
