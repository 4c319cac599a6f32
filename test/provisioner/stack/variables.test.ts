import { spawnSync } from 'node:child_process'
import t from 'tap'
import { deployCommand } from '../../../provisioner/stack/deploy.ts'
import { RANDOM_SECRETS, type SecretName, secretVariables } from '../../../provisioner/stack/secrets.ts'
import {
  fingerprint,
  OVERRIDES,
  type Override,
  servicesOf,
  stackFiles,
  unset,
  variablesFor,
} from '../../../provisioner/stack/variables.ts'

const settings = { replicas: 2, httpsPort: 443, httpPort: 80 } as const
const digest = `sha256:${'a'.repeat(64)}`
const images = { jupyter: `10.0.0.1:5000/pyli/jupyter@${digest}`, gateway: `10.0.0.1:5000/pyli/gateway@${digest}` }
const names: SecretName[] = [...RANDOM_SECRETS, 'tls-cert', 'tls-key']
const secrets = secretVariables(new Map(names.map((name) => [name, `content of ${name}`])))
const variables = variablesFor({ settings, places: 3, images, secrets, tuned: {} })

t.test('two servers on each machine that runs them', async (t) => {
  t.match(variables, { PYLI_REPLICAS: '6', PYLI_REPLICAS_PER_NODE: '2', PYLI_HTTPS_PORT: '443', PYLI_HTTP_PORT: '80' })
  const one = variablesFor({ settings: { ...settings, replicas: 1 }, places: 3, images, secrets, tuned: {} })
  t.match(one, { PYLI_REPLICAS: '3', PYLI_REPLICAS_PER_NODE: '1' })
})

t.test('plain HTTP has no port where it is off', async (t) => {
  t.match(stackFiles([], settings), [/stack\.yml$/, /redirect\.yml$/])
  t.equal(stackFiles([], { httpPort: 'off' }).length, 1)
  t.equal(
    variablesFor({ settings: { ...settings, httpPort: 'off' }, places: 1, images, secrets, tuned: {} }).PYLI_HTTP_PORT,
    undefined,
  )
})

t.test('a stack is known again, and known to be another one', async (t) => {
  const files = stackFiles([], settings)
  const mark = fingerprint(files, variables)
  t.match(mark, /^[\da-f]{16}$/)
  t.equal(fingerprint(files, Object.fromEntries(Object.entries(variables).reverse())), mark, 'whatever the order')
  t.not(fingerprint(files, { ...variables, PYLI_REPLICAS: '4' }), mark)
  t.not(fingerprint(stackFiles(['egress'], settings), variables), mark)
})

t.test('what else is in the environment changes nothing', async (t) => {
  const names = Object.keys(unset(stackFiles([...OVERRIDES], settings)))
  for (const name of [...Object.keys(variables), 'PYLI_TERMINALS', 'PYLI_PORTAINER_IMAGE'])
    t.ok(names.includes(name), name)
  t.strictSame(new Set(Object.values(unset(stackFiles([], settings)))), new Set(['']))
})

t.test('no secret is in a command', async (t) => {
  const command = deployCommand(stackFiles(['portainer'], settings), true)
  t.notMatch(command.join(' '), 'content of')
  t.ok(command.includes('--resolve-image=never'))
  t.notOk(
    deployCommand([], false).includes('--with-registry-auth'),
    'only a registry of the operator’s asks for a login',
  )
})

// Swarm leaves out in silence what it does not heed, or with a warning here.
const client = spawnSync('docker', ['stack', 'config', '--help'])
const skip = client.status === 0 ? false : 'no docker client is here'
const combinations: Override[][] = [[], ...OVERRIDES.map((one) => [one]), [...OVERRIDES]]

/** As `docker stack deploy` would understand the files. */
function configOf(overrides: readonly Override[], given = variables) {
  const files = stackFiles(overrides, settings).flatMap((file) => ['--compose-file', file])
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...given }
  return spawnSync('docker', ['stack', 'config', ...files], { env, encoding: 'utf8' })
}

t.test('docker stack config takes every file without a warning', { skip }, async (t) => {
  for (const overrides of combinations) {
    const { status, stdout, stderr } = configOf(overrides)
    t.equal(status, 0, `${overrides} ${stderr}`)
    t.equal(stderr, '', `${overrides}`)
    t.match(stdout, images.jupyter)
    const [, services = ''] = /^services:\n((?: .*\n)+)/m.exec(stdout) ?? []
    const names = Array.from(services.matchAll(/^ {2}([\w-]+):$/gm), ([, name]) => name)
    t.strictSame(new Set(names), new Set(servicesOf(overrides)))
    t.notMatch(stdout, /content of/)
  }
  t.match(configOf([], { ...variables, PYLI_JUPYTER_IMAGE: '' }).stderr, /by its digest/)
})

t.test(
  'through the mesh the gateway has its port on every machine, and not a second time on its own',
  { skip },
  async (t) => {
    const portsOf = (overrides: readonly Override[]) =>
      Array.from(
        configOf(overrides).stdout.matchAll(/- mode: (\w+)\n\s+target: \d+\n\s+published: (\d+)/g),
        ([, mode, port]) => `${port} ${mode}`,
      ).sort()
    t.strictSame(portsOf([]), ['443 host', '80 host'])
    t.strictSame(portsOf(['ingress']), ['443 ingress', '80 host'])
  },
)
