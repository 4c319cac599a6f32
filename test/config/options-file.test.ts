import t from 'tap'
import { readOptionsFile } from '../../gateway/config/options-file.ts'
import { parseConfig } from '../../gateway/config/parse.ts'

const parse = (text: string, env: Record<string, string> = {}, ...argv: string[]) =>
  parseConfig(['--options', 'a.env', ...argv], env, () => text)

t.test('comments, blank lines and quotes are no part of a value', async (t) => {
  const text = '# a\n\n  PYLI_RISE=3\nPYLI_BASE_URL="/x/"  # why\nPYLI_TLS_NAME=\'a\'\n'
  const { variables, mistakes } = readOptionsFile('a.env', text)
  t.strictSame(mistakes, [])
  t.strictSame(Object.fromEntries(variables), { PYLI_RISE: '3', PYLI_BASE_URL: '/x/', PYLI_TLS_NAME: 'a' })
})

t.test(
  'what is misspelt, unknown, given twice or no assignment is a mistake with its line, and is not shown',
  async (t) => {
    const text = 'PYLI_RICE=1\nPATH=/bin\nPYLI_RISE=1\nPYLI_RISE=2\nsecret\nPYLI_OPTIONS=b.env'
    const { mistakes } = readOptionsFile('a.env', text)
    t.strictSame(mistakes, [
      'a.env:1: PYLI_RICE is not known; did you mean PYLI_RISE?',
      'a.env:2: PATH is no variable of ours; --help lists them',
      'a.env:4: PYLI_RISE is there twice, and one of the two would be lost',
      'a.env:5: a line must read NAME=VALUE, for example PYLI_BACKENDS=static:10.0.0.2:8888,10.0.0.3:8888',
      'a.env:6: PYLI_OPTIONS is no variable of ours; --help lists them',
    ])
  },
)

t.test(
  'a flag goes before the file, the file before the environment, and an empty line of it is not set',
  async (t) => {
    const text = 'PYLI_BACKENDS=static:a:1\nPYLI_RISE=3\nPYLI_FALL=3\nPYLI_BASE_URL='
    const env = { PYLI_FALL: '9', PYLI_BASE_URL: '/env/' }
    t.match(parse(text, env, '--rise=7'), { ok: true, config: { rise: 7, fall: 3, baseUrl: '/env/' } })
  },
)

t.test('a value that readers of such files would cut or leave whole is a mistake, and is not shown', async (t) => {
  for (const value of ['#k3y', 'k3y#rest', '"k3y', 'k3y"', 'a k3y#', "k'3y"]) {
    const { variables, mistakes } = readOptionsFile('a.env', `PYLI_TOKEN=${value}`)
    t.equal(variables.size, 0, value)
    t.match(mistakes, [/^a\.env:1: the value of PYLI_TOKEN has a # or a quotation mark in it: put all of it in quotes/])
    t.notMatch(mistakes.join(), 'k3y')
  }
  for (const value of ['"k3y#rest"', "'k3y#rest' # why"]) {
    t.equal(readOptionsFile('a.env', `PYLI_TOKEN=${value}`).variables.get('PYLI_TOKEN'), 'k3y#rest')
  }
})

t.test('the file may be named by its variable', async (t) => {
  t.match(
    parseConfig([], { PYLI_OPTIONS: 'a.env' }, () => 'PYLI_BACKENDS=static:a:1'),
    { ok: true },
  )
})

t.test('a wrong value is told with its file, a file that cannot be read with the reason', async (t) => {
  t.strictSame(parse('PYLI_BACKENDS=static:a:1\nPYLI_RISE=x'), {
    ok: false,
    mistakes: ['a.env: PYLI_RISE must be a whole number from 1 to 100, for example PYLI_RISE=2; got "x"'],
  })
  const missing = () => {
    throw Object.assign(new Error(), { code: 'ENOENT' })
  }
  t.match(parseConfig(['--options', 'b.env'], {}, missing), {
    ok: false,
    mistakes: [/^--options must name a file that can be read, .*"b.env" \(ENOENT\)$/, /^--backends is needed/],
  })
})
