import { spawnSync } from 'node:child_process'
import { chmodSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { disk } from '../../../gateway/config/from-nginx/disk.ts'
import { fromNginx } from '../../../gateway/config/from-nginx/from-nginx.ts'

const folder = join(import.meta.dirname, 'samples')
const main = join(import.meta.dirname, '../../../gateway/main.ts')
const samples = [...readdirSync(folder).filter((name) => name.endsWith('.conf')), 'university/nginx.conf']

function textOf(path: string): string {
  const outcome = fromNginx(path, disk)
  return outcome.ok ? outcome.text : outcome.mistakes.join('\n')
}

const commandOf = (text: string): string => text.split('\n\n')[0] as string

/** Runs what was printed where `node` tells its arguments, one a line. */
function inShell(t: Test, text: string) {
  const cwd = t.testdir({ node_modules: { '.bin': { node: `#!/bin/sh\nprintf '%s\\n' "$@"\n` } } })
  chmodSync(join(cwd, 'node_modules/.bin/node'), 0o755)
  return spawnSync('sh', ['-eu', '-c', text], { cwd, encoding: 'utf8' })
}

const gateway = (...argv: string[]) => spawnSync(process.execPath, [main, ...argv], { encoding: 'utf8' })

t.test('what is printed is a shell script: the command, and all else as comments', async (t) => {
  t.ok(samples.length >= 5)
  for (const name of samples) {
    const { status, stdout, stderr } = inShell(t, textOf(join(folder, name)))
    t.equal(`${status} ${stderr}`, '0 ', name)
    t.match(stdout, /^gateway\/main\.ts\n--/, name)
    t.notMatch(stdout, '#')
  }
})

t.test('a path with spaces and quotes reaches the program as one word', async (t) => {
  const key = "/etc/a b/it's; `id`/key.pem"
  const dir = t.testdir({
    'x.conf': `server { listen 443 ssl; ssl_certificate /c; ssl_certificate_key "${key}";
      location / { proxy_pass http://10.0.0.2:8888; } }`,
  })
  const text = textOf(join(dir, 'x.conf'))
  t.ok(inShell(t, text).stdout.split('\n').includes(key))
})

t.test('the same options are printed for the environment file of the unit', async (t) => {
  const text = textOf(join(folder, 'plain.conf'))
  t.match(text, /gateway\.env\n# {3}PYLI_LISTEN=192\.168\.1\.5:8080\n/)
  for (const [, flag = ''] of commandOf(text).matchAll(/(--[a-z-]+) /g)) {
    const variable = `PYLI_${flag.slice(2).toUpperCase().replaceAll('-', '_')}=`
    t.ok(text.includes(`#   ${variable}`), variable)
  }
})

t.test('the numbers at the end add up', async (t) => {
  for (const name of samples) {
    const [all = 0, ...parts] = (textOf(join(folder, name)).trim().split('\n').at(-1)?.match(/\d+/g) ?? []).map(Number)
    t.ok(all > 10)
    t.equal(
      parts.reduce((sum, each) => sum + each),
      all,
      name,
    )
  }
})

t.test('values of headers and of unknown directives are not printed: tokens stand in them', async (t) => {
  t.notMatch(textOf(join(folder, 'sticky.conf')), 'not-for-anybody')
  const dir = t.testdir({
    'x.conf': `env KEY=s3cret; my_secret s3cret; secure_link_md5 s3cret;
      server { listen 80; location / { proxy_pass http://10.0.0.2:8888; proxy_set_header X-Key s3cret; set $key s3cret; } }`,
  })
  t.match(textOf(join(dir, 'x.conf')), 'my_secret: not known')
  t.notMatch(textOf(join(dir, 'x.conf')), 's3cret')
})

t.test('a line break in a quoted word does not end its comment', async (t) => {
  const dir = t.testdir({
    'x.conf': 'server { listen 80; server_name "~a\nrm x"; location / { proxy_pass http://10.0.0.2:8888; } }',
  })
  t.notMatch(textOf(join(dir, 'x.conf')), /^rm/m)
})

t.test('options that our parser does not take are told, and the exit code says so', async (t) => {
  const dir = t.testdir({
    'x.conf': 'server { listen 127.0.0.1:8888; location / { proxy_pass http://127.0.0.1:8888; } }',
  })
  const { status, stdout } = gateway('--check', '--from-nginx', join(dir, 'x.conf'))
  t.equal(status, 2)
  t.match(stdout, /Mistakes in these options\n# {3}--backends must not name the gateway's own --listen address/)
})

t.test('the program prints it, with a syntax error as one sentence', async (t) => {
  const dir = t.testdir({
    'x.conf': 'server { listen 80; location / { proxy_pass http://10.0.0.2:8888; } }',
    'broken.conf': 'a;\n}',
    'empty.conf': '',
  })
  const good = gateway('--check', '--from-nginx', join(dir, 'x.conf'))
  t.match(good, { status: 0, stderr: '', stdout: /--backends static:10\.0\.0\.2:8888/ })
  const broken = gateway('--check', '--from-nginx', join(dir, 'broken.conf'))
  t.match(broken, { status: 2, stdout: '', stderr: `${join(dir, 'broken.conf')}:2: "}" closes nothing\n` })
  const empty = gateway('--check', '--from-nginx', join(dir, 'empty.conf'))
  t.match(empty, { status: 2, stdout: '', stderr: /no location in it has proxy_pass, so nothing leads to Jupyter\n$/ })
})

t.test('--from-nginx stands with --check and with nothing else', async (t) => {
  for (const argv of [
    ['--from-nginx', 'x'],
    ['--check', '--from-nginx', 'x', '--rise', '3'],
  ]) {
    t.match(gateway(...argv), {
      status: 2,
      stderr: '--from-nginx stands with --check alone: --check --from-nginx x\n',
    })
  }
  t.match(gateway('--check', '--from-nginx'), {
    status: 2,
    stderr: '--from-nginx needs a value, FILE, for example --from-nginx /etc/nginx/nginx.conf\n',
  })
})
