import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { disk } from '../../gateway/config/from-nginx/disk.ts'
import { fromNginx } from '../../gateway/config/from-nginx/from-nginx.ts'
import { optionNames, options } from '../../gateway/config/options.ts'
import { parseConfig } from '../../gateway/config/parse.ts'

const root = join(import.meta.dirname, '../..')
const folder = join(root, 'provisioner/systemd')
const unitFile = join(folder, 'pyli-gateway.service')
const unit = readFileSync(unitFile, 'utf8')
const environment = readFileSync(join(folder, 'gateway.env'), 'utf8')

const analyze = (...args: string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' })
const version = /^systemd (\d+)/.exec(analyze('--version').stdout ?? '')?.[1]
const skip =
  version === undefined ? 'systemd-analyze is not here' : Number(version) < 250 && `systemd ${version} is too old`

/** `NAME=value` of lines that are no comments. */
const assignments = (text: string): [string, string][] =>
  Array.from(text.matchAll(/^(?:Environment=)?(PYLI_\w+)=(.*)$/gm), ([, name = '', value = '']) => [name, value])

t.test('systemd finds nothing wrong with the unit', { skip }, async (t) => {
  const file = join(t.testdir(), 'pyli-gateway.service')
  writeFileSync(file, unit.replaceAll('/opt/pyli', root))
  const { status, stdout, stderr } = analyze('verify', file)
  t.equal(stdout + stderr, '')
  t.equal(status, 0)
})

t.test('the unit’s exposure is under 2 of 10', { skip }, async (t) => {
  const { status, stdout, stderr } = analyze('security', '--offline=true', '--no-pager', '--threshold=20', unitFile)
  t.equal(status, 0, stdout.split('\n').at(-2) ?? stderr)
})

t.test(
  'the README tells the exposure that systemd finds',
  { skip: skip || (version !== '252' && `the README has that of systemd 252, and this is ${version}`) },
  async (t) => {
    const [, score] =
      /exposure level for \S+: ([\d.]+)/.exec(analyze('security', '--offline=true', '--no-pager', unitFile).stdout) ??
      []
    t.ok(score)
    t.match(readFileSync(join(root, 'README.md'), 'utf8'), `\`systemd-analyze security\`: ${score} (systemd 252)`)
  },
)

t.test('each variable of the unit and of its environment file is one of ours', async (t) => {
  const known: readonly string[] = optionNames.map((name) => options[name].env)
  const commented = environment.replace(/^#(?=PYLI_)/gm, '')
  const names = [...assignments(unit), ...assignments(commented)].map(([name]) => name)
  t.ok(names.length > 8, `${names}`)
  for (const name of names) t.ok(known.includes(name), name)
})

t.test('the options of the unit with its environment file are sound', async (t) => {
  const given = Object.fromEntries(assignments(unit))
  const readFile = (path: string) => (path === '/etc/pyli/gateway.env' ? environment : 'token')
  const [, argv = ''] = /^ExecStart=\S+ \S+main\.ts (.*)$/m.exec(unit) ?? []
  const parsed = parseConfig([...argv.split(' '), '--check'], given, readFile)
  t.equal(parsed.ok, 'check', JSON.stringify(parsed))
})

t.test('so are those without a certificate of one’s own', async (t) => {
  const commented = environment.replace(/^#(?=PYLI_)/gm, '')
  const given = { ...Object.fromEntries(assignments(unit)), ...Object.fromEntries(assignments(commented)) }
  t.match(
    parseConfig(['--check'], given, () => ''),
    { ok: 'check', config: { tls: 'self-signed' } },
  )
})

t.test('so are those that are printed for an nginx that is replaced', async (t) => {
  const samples = join(root, 'test/config/from-nginx/samples')
  for (const name of ['university/nginx.conf', 'jupyterhub.conf', 'sticky.conf', 'plain.conf', 'base-url.conf']) {
    const outcome = fromNginx(join(samples, name), disk)
    const lines = (outcome.ok ? outcome.text : '').replace(/^# {3}(?=PYLI_)/gm, '')
    const given = { ...Object.fromEntries(assignments(unit)), ...Object.fromEntries(assignments(lines)) }
    t.match(given.PYLI_BACKENDS, /^(?:static|dns):/, name)
    const parsed = parseConfig(['--check'], given, () => '')
    t.equal(parsed.ok, 'check', `${name}: ${JSON.stringify(parsed)}`)
    if (given.PYLI_TLS === 'files') t.equal(given.PYLI_TLS_CERT, '%d/cert.pem', 'as the unit has it')
  }
})

t.test('what the unit starts is there', async (t) => {
  const [, command = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? []
  const paths = command.split(' ').filter((word) => word.startsWith('/opt/pyli/'))
  t.equal(paths.length, 2)
  for (const path of paths) t.ok(existsSync(path.replace('/opt/pyli', root)), path)
})
