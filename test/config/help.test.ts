import { readFileSync } from 'node:fs'
import t from 'tap'
import { helpText, program } from '../../gateway/config/help.ts'
import { optionNames, options } from '../../gateway/config/options.ts'
import { help as provisionerHelp } from '../../provisioner/local/options.ts'

t.test('the help names every option with its variable, and both switches', async (t) => {
  const words = new Set(helpText().split(/[\s(),]+/))
  for (const name of optionNames) {
    t.ok(words.has(options[name].flag), options[name].flag)
    t.ok(words.has(options[name].env), options[name].env)
  }
  t.ok(words.has('--help') && words.has('--check'))
})

t.test('the help says which default an option has and which option is required', async (t) => {
  t.match(helpText(), 'PYLI_PROBE_EVERY, default 2s)')
  t.match(helpText(), /PYLI_BACKENDS,\s+required\)/)
  t.match(helpText(), '(PYLI_TLS_CERT)')
})

t.test('no line of the help is wider than 100 columns', async (t) => {
  t.strictSame(
    helpText()
      .split('\n')
      .filter((line) => line.length > 100 || line.endsWith(' ')),
    [],
  )
})

t.test('wherever the gateway is started by hand, it is with the Node that runs it', async (t) => {
  const documents = ['README.md', 'docs/from-nginx.md', 'provisioner/systemd/gateway.env']
  const texts = documents.map((path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'))
  for (const text of [helpText(), provisionerHelp(), ...texts]) {
    const calls = text.match(/\S+ \S*gateway\/main\.ts/g) ?? []
    t.ok(calls.length > 0)
    for (const call of calls) t.match(call, new RegExp(`${program}$`))
  }
})
