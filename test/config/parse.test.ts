import t from 'tap'
import type { Config } from '../../gateway/config/config.ts'
import { optionNames, options } from '../../gateway/config/options.ts'
import { type Environment, type Parsed, parseConfig } from '../../gateway/config/parse.ts'

const backends = ['--backends', 'static:10.0.0.2:8888']

const noFile = (path: string): never => {
  throw Object.assign(new Error(`no ${path} in this test`), { code: 'ENOENT' })
}

function parse(argv: string[], env: Environment = {}, readFile: (path: string) => string = noFile): Parsed {
  return parseConfig(argv, env, readFile)
}

function configOf(parsed: Parsed): Config {
  if (parsed.ok === true || parsed.ok === 'check') return parsed.config
  throw new Error(`No configuration: ${JSON.stringify(parsed)}`)
}

function mistakesOf(parsed: Parsed): readonly string[] {
  return parsed.ok === false ? parsed.mistakes : []
}

t.test('with backends alone everything else has its default', async (t) => {
  t.strictSame(configOf(parse(backends)), {
    optionsFile: undefined,
    listen: { host: '127.0.0.1', port: 8443 },
    admin: { host: '127.0.0.1', port: 9090 },
    workers: 1,
    backends: { kind: 'static', addresses: [{ host: '10.0.0.2', port: 8888 }] },
    dnsServers: [],
    state: undefined,
    baseUrl: '/',
    formerToken: '',
    token: '',
    adminSocket: undefined,
    adminToken: undefined,
    portainer: undefined,
    tls: 'self-signed',
    tlsCert: undefined,
    tlsKey: undefined,
    tlsDir: '.pyli/tls',
    tlsNames: [],
    redirect: 'off',
    hsts: 'off',
    probePath: 'api',
    probeEvery: 2000,
    probeTimeout: 1000,
    rise: 2,
    fall: 3,
    surveyEvery: 2000,
    listMaxAge: 1000,
    goneAfter: 30_000,
    forgetAfter: 60_000,
    slowStart: 10_000,
    headTimeout: 20_000,
    bodyTimeout: 60_000,
    idleTimeout: 75_000,
    sendTimeout: 60_000,
    connectTimeout: 3000,
    answerTimeout: 300_000,
    upgradeTimeout: 75_000,
    holdFor: 5000,
    modelLimit: 1_048_576,
    trust: [],
    proxyProtocol: 'off',
    allowHosts: [],
    staticCache: 67_108_864,
    bodyLimit: 536_870_912,
    connections: 10_000,
    connectionsPerClient: 1_000,
    exchangesPerBackend: 1_000,
    loginAttempts: { count: 10, time: 60_000 },
    drainFor: 10_000,
    log: 'json',
  })
})

t.test('every default and every example can be read, and reads the same once written', async (t) => {
  for (const name of optionNames) {
    const { form, example, fallback } = options[name]
    for (const text of [example, fallback]) {
      if (typeof text !== 'string') continue
      const reading = form.read(text)
      if ('must' in reading) t.fail(`${name}: "${text}" must ${reading.must}`)
      else t.strictSame(form.read(form.write(reading.value as never)), reading, `${name}: ${text}`)
    }
  }
})

t.test('no two options share a flag or a variable', async (t) => {
  for (const key of ['flag', 'env'] as const) {
    t.equal(new Set(optionNames.map((name) => options[name][key])).size, optionNames.length)
  }
})

t.test('a flag goes before its variable, and the variable before the default', async (t) => {
  t.equal(configOf(parse([...backends, '--rise', '5'], { PYLI_RISE: '7' })).rise, 5)
  t.equal(configOf(parse([...backends, '--rise=5'], { PYLI_RISE: '7' })).rise, 5)
  t.equal(configOf(parse(backends, { PYLI_RISE: '7' })).rise, 7)
})

t.test('an empty variable counts as not set', async (t) => {
  t.equal(configOf(parse(backends, { PYLI_RISE: '' })).rise, 2)
})

t.test('every option can be given by its variable', async (t) => {
  const env = {
    PYLI_BACKENDS: 'static:a:1',
    PYLI_TLS: 'files',
    PYLI_TLS_CERT: 'c',
    PYLI_TLS_KEY: 'k',
    PYLI_ADMIN: 'off',
  }
  t.match(configOf(parse([], env)), { tls: 'files', tlsCert: 'c', tlsKey: 'k', admin: 'off' })
})

t.test('--help is answered whatever else is wrong', async (t) => {
  t.strictSame(parse(['--help', '--nonsense']), { ok: 'help' })
  t.strictSame(parse(['-h']), { ok: 'help' })
})

t.test('--check gives the configuration marked as only to be shown, or the mistakes', async (t) => {
  t.match(parse([...backends, '--check']), { ok: 'check', config: { rise: 2 } })
  t.match(parse(['--check']), { ok: false })
})

t.test('all mistakes are told at once, each with its option, what was got and an example', async (t) => {
  t.strictSame(mistakesOf(parse(['--probe-every', '30', '--rise', '0', '--log', 'xml'], { PYLI_FALL: 'many' })), [
    '--backends is needed, for example --backends static:10.0.0.2:8888,10.0.0.3:8888 (or PYLI_BACKENDS in the environment)',
    '--probe-every must look like 500ms, 2s or 1m, for example --probe-every 2s; got "30"',
    '--rise must be a whole number from 1 to 100, for example --rise 2; got "0"',
    'PYLI_FALL must be a whole number from 1 to 100, for example PYLI_FALL=3; got "many"',
    '--log must be json, pretty or off, for example --log pretty; got "xml"',
  ])
})

t.test('an unknown flag is a mistake and suggests the nearest known one', async (t) => {
  t.strictSame(mistakesOf(parse([...backends, '--probe-evry', '2s'])), [
    '--probe-evry is not known; did you mean --probe-every?',
  ])
  t.strictSame(mistakesOf(parse([...backends, '--chekc'])), ['--chekc is not known; did you mean --check?'])
  t.strictSame(mistakesOf(parse([...backends, '--foo'])), ['--foo is not known; --help lists what is'])
})

t.test('a flag without its value is one mistake, also when another flag follows', async (t) => {
  const mistake = '--listen needs a value, HOST:PORT, for example --listen 0.0.0.0:443'
  t.strictSame(mistakesOf(parse([...backends, '--listen'])), [mistake])
  t.strictSame(mistakesOf(parse([...backends, '--listen', '--admin', 'off'])), [mistake])
  t.strictSame(mistakesOf(parse(['--backends'])).length, 1)
})

t.test('a stray argument, a value for a switch and a flag given twice are mistakes', async (t) => {
  t.match(mistakesOf(parse([...backends, 'stray'])), [/^"stray" stands alone/])
  t.match(mistakesOf(parse([...backends, '--', '--rise'])), [/^"--rise" stands alone/])
  t.match(mistakesOf(parse([...backends, '--check=yes'])), [/^--check takes no value/])
  t.match(mistakesOf(parse([...backends, ...backends])), [/^--backends is there twice/])
})

t.test('--tls-name may be repeated and may hold a list', async (t) => {
  const names = ['--tls-name', 'a.example,b.example', '--tls-name', '192.0.2.10']
  t.strictSame(configOf(parse([...backends, ...names])).tlsNames, ['a.example', 'b.example', '192.0.2.10'])
})

t.test('the token', async (t) => {
  t.test('is refused as a flag and printed nowhere', async (t) => {
    for (const argv of [['--token', 'hunter2'], ['--token=hunter2'], ['--tokn', 'hunter2'], ['--tokn=hunter2']]) {
      const mistakes = mistakesOf(parse([...backends, ...argv]))
      t.equal(mistakes.length, 1)
      t.notMatch(mistakes.join(), /hunter2/)
    }
    t.strictSame(mistakesOf(parse([...backends, '--token', 'hunter2'])), [
      '--token is refused, because every user of this machine could read it: use --token-file FILE or the variable PYLI_TOKEN',
    ])
  })

  t.test('is read from a file or a variable, without the white space around it', async (t) => {
    const readFile = (path: string) => (path === '/run/token' ? ' s3cret\r\n' : noFile(path))
    t.equal(configOf(parse([...backends, '--token-file', '/run/token'], {}, readFile)).token, 's3cret')
    t.equal(configOf(parse(backends, { PYLI_TOKEN: 's3cret\n' })).token, 's3cret')
  })

  t.test('is never the nothing of a file that is only being written, or was lost', async (t) => {
    t.strictSame(mistakesOf(parse([...backends, '--token-file', 'f'], { PYLI_TOKEN: 'x' }, () => '\n')), [
      '--token-file must name a file that holds a secret; "f" is empty',
    ])
  })

  t.test('that could not stand in a header is a mistake that does not show it', async (t) => {
    t.strictSame(mistakesOf(parse(backends, { PYLI_TOKEN: 'hunter\n2' })), [
      'PYLI_TOKEN must hold one line of printable ASCII without spaces',
    ])
    t.strictSame(mistakesOf(parse([...backends, '--token-file', 'f'], {}, () => 'hunter 2')), [
      '--token-file must hold one line of printable ASCII without spaces',
    ])
  })

  t.test('whose file cannot be read is a mistake that names the file and the reason', async (t) => {
    t.strictSame(mistakesOf(parse([...backends, '--token-file', '/nowhere'])), [
      '--token-file must name a file that can be read, for example --token-file /run/secrets/jupyter-token; got "/nowhere" (ENOENT)',
    ])
  })
})
