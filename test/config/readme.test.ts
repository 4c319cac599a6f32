import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { withPart } from '../../gateway/config/made-part.ts'
import { optionNames, options } from '../../gateway/config/options.ts'
import { optionsPart, optionsTable } from '../../gateway/config/readme.ts'

const script = fileURLToPath(new URL('../../gateway/config/readme.ts', import.meta.url))

t.test('the table has a row for every option, and every row has four cells', async (t) => {
  const rows = optionsTable().trimEnd().split('\n')
  t.equal(rows.length, optionNames.length + 2)
  for (const row of rows) t.equal(row.match(/(?<!\\)\|/g)?.length, 5, row)
  for (const name of optionNames) t.ok(rows.some((row) => row.startsWith(`| \`${options[name].flag} `)))
})

t.test('what stands between the markers is replaced, and nothing else', async (t) => {
  const document = 'before\n<!-- options:begin -->\nold\n<!-- options:end -->\nafter $& $1\n'
  const expected = `before\n<!-- options:begin -->\n${optionsTable()}<!-- options:end -->\nafter $& $1\n`
  t.equal(withPart(document, optionsPart), expected)
  t.equal(withPart(expected, optionsPart), expected, 'a second time changes nothing')
})

t.test('a document without both markers is refused', async (t) => {
  for (const document of ['', '<!-- options:begin -->', '<!-- options:end --><!-- options:begin -->']) {
    t.throws(() => withPart(document, optionsPart), /has no <!-- options:begin -->/)
  }
})

t.test('the script renews a file in its place, and prints the table without one', async (t) => {
  const file = join(t.testdir(), 'README.md')
  writeFileSync(file, '<!-- options:begin --><!-- options:end -->')
  execFileSync(process.execPath, [script, '--write', file])
  t.match(readFileSync(file, 'utf8'), optionsTable())
  t.match(execFileSync(process.execPath, [script], { encoding: 'utf8' }), optionsTable())
})

t.test('the table in README.md is the one that the options make', async (t) => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  t.equal(withPart(readme, optionsPart), readme, 'renew it with node gateway/config/readme.ts --write README.md')
})
