import { resolve } from 'node:path'
import t from 'tap'
import { forGateway, help, parseLocalOptions } from '../../../provisioner/local/options.ts'
import { Trouble } from '../../../provisioner/local/trouble.ts'

const parse = (args: string[], environment = {}) => parseLocalOptions(args, environment, '/srv/.pyli')

t.test('without options: two servers, loopback, a certificate of our own', async (t) => {
  t.match(parse([]), {
    servers: 2,
    notebooks: undefined,
    python: undefined,
    stateDir: '/srv/.pyli',
    adminIsChosen: false,
    logToTerminal: false,
    gatewayArgs: [],
    config: { listen: { host: '127.0.0.1', port: 8443 }, baseUrl: '/', tls: 'self-signed' },
  })
})

t.test("ours are taken, the gateway's own are passed on as they are and read as it reads them", async (t) => {
  const options = parse([
    '--servers',
    '3',
    '--base-url',
    'jupyter',
    '--notebooks',
    'nb',
    '--log',
    'pretty',
    '--tls=off',
  ])
  t.match(options, { servers: 3, notebooks: resolve('nb'), logToTerminal: true })
  t.match(options.config, { baseUrl: '/jupyter/', tls: 'off' })
  t.strictSame(options.gatewayArgs, ['--base-url', 'jupyter', '--log', 'pretty', '--tls=off'])
})

t.test('where the gateway listens may come from its variables', async (t) => {
  const options = parse([], { PYLI_LISTEN: '0.0.0.0:443', PYLI_ADMIN: 'off', PYLI_LOG: 'json' })
  t.match(options, { adminIsChosen: true, logToTerminal: true, config: { listen: { port: 443 }, admin: 'off' } })
})

t.test('all mistakes are told at once', async (t) => {
  const args = [
    '--servers',
    '17',
    '--listen',
    'here',
    '--backends',
    'static:a:1',
    '--token-file=x',
    '--options=x',
    '--nonsense',
  ]
  try {
    parse([...args, '--tls-dir', '/tmp'])
    t.fail('was taken')
  } catch (error) {
    t.type(error, Trouble)
    const { message } = error as Error
    t.match(message, /--servers must be a whole number from 1 to 16/)
    t.match(message, /--listen must look like host:port/)
    t.match(message, /--nonsense is not known/)
    for (const name of ['backends', 'options', 'token-file', 'tls-dir'])
      t.match(message, `--${name} is not yours to say here`)
  }
})

t.test('variables that are meant for another gateway do not reach this one', async (t) => {
  t.strictSame(
    forGateway({
      PYLI_TOKEN: 's',
      PYLI_ADMIN_TOKEN: 'a',
      PYLI_BACKENDS: 'b',
      PYLI_TLS_DIR: 'd',
      PYLI_RISE: '3',
      HOME: '/h',
    }),
    {
      PYLI_RISE: '3',
      HOME: '/h',
    },
  )
})

function mistakeOf(args: string[]): string {
  try {
    parse(args)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

t.test(
  'a slip of the finger is told with what was meant, ours or the gateway’s, and advice is given once',
  async (t) => {
    t.equal(mistakeOf(['--server', '3']), '--server is not known; did you mean --servers?')
    t.equal(mistakeOf(['--notebook=x']), '--notebook is not known; did you mean --notebooks?')
    t.equal(mistakeOf(['--lissen', '127.0.0.1:1']), '--lissen is not known; did you mean --listen?')
    t.equal(mistakeOf(['--nonsense']), '--nonsense is not known; --help lists what is')
    t.match(mistakeOf(['--servers', '17']), /^--servers must .*\n--help tells all options$/)
  },
)

t.test('what only looks at the options is not for a start', async (t) => {
  t.match(mistakeOf(['--check']), /^--check is for the gateway by itself: node_modules/)
  t.match(mistakeOf(['--check', '--from-nginx', '/etc/nginx/nginx.conf']), /--from-nginx/)
})

t.test('help tells each option of ours, and each that is passed on with its default', async (t) => {
  const told = help()
  for (const name of ['servers', 'notebooks', 'python', 'state', 'tls-name']) t.match(told, `  --${name} `)
  t.match(told, '  --listen HOST:PORT (default 127.0.0.1:8443)\n')
  t.match(told, '  --admin HOST:PORT|off (default 127.0.0.1:9090)\n')
  t.match(told, '  --rise COUNT (default 2)\n')
  for (const name of ['backends', 'token-file', 'tls-dir', 'dns-server']) t.notMatch(told, `  --${name} `)
  t.equal(told.match(/^ {2}--state /gm)?.length, 1, 'the gateway’s own option of that name cannot be reached')
})
