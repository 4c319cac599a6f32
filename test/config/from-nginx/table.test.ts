import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { directivesPart, directivesTable } from '../../../gateway/config/from-nginx/document.ts'
import { table } from '../../../gateway/config/from-nginx/table.ts'
import { withPart } from '../../../gateway/config/made-part.ts'
import { optionNames, options } from '../../../gateway/config/options.ts'

const isKnown = (flag: string): boolean => optionNames.some((name) => options[name].flag === flag)
const rows = Object.values(table).flat()
const folder = fileURLToPath(new URL('../../../gateway/config/from-nginx', import.meta.url))
const page = fileURLToPath(new URL('../../../docs/from-nginx.md', import.meta.url))
/** Of the program, of its scripts and of systemctl, not of the table of options. */
const switches = ['--check', '--from-nginx', '--write']
const script = fileURLToPath(new URL('../../../gateway/config/from-nginx/document.ts', import.meta.url))

t.test('every option that the table names is one', async (t) => {
  for (const flag of new Set(rows.flatMap(({ flags }) => flags))) {
    t.ok(isKnown(flag), flag)
  }
})

t.test('so is every option that a sentence of the program or of the page names', async (t) => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const texts = [...files.map((name) => join(folder, name)), page].map((path) => readFileSync(path, 'utf8'))
  const named = new Set(texts.flatMap((text) => text.match(/(?<![\w-])--[a-z][a-z-]*[a-z]/g) ?? []))
  t.ok(named.size > 20)
  for (const flag of named) t.ok(isKnown(flag) || switches.includes(flag), flag)
})

t.test('no two rows share a name', async (t) => {
  const names = rows.flatMap((row) => row.names)
  t.strictSame(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  )
})

t.test('what is told of a directive has no full stop, as with options', async (t) => {
  for (const { about, names } of rows) t.match(about, /[^.]$/, `${names}`)
})

t.test('the page has a row for each of the table, and every row has three cells', async (t) => {
  const lines = directivesTable()
    .split('\n')
    .filter((line) => line.startsWith('| '))
  t.equal(lines.length, rows.length + 2 * Object.keys(table).length)
  for (const line of lines) t.equal(line.match(/(?<!\\)\|/g)?.length, 4, line)
})

t.test('docs/from-nginx.md is the page that the table makes', async (t) => {
  const text = readFileSync(page, 'utf8')
  t.equal(
    withPart(text, directivesPart),
    text,
    'renew it with node gateway/config/from-nginx/document.ts --write docs/from-nginx.md',
  )
})

t.test('the script renews a page in its place, and refuses one without its markers', async (t) => {
  const dir = t.testdir({ page: 'a<!-- directives:begin -->old<!-- directives:end -->b' })
  const file = join(dir, 'page')
  execFileSync(process.execPath, [script, '--write', file])
  t.equal(readFileSync(file, 'utf8'), `a<!-- directives:begin -->\n${directivesTable()}<!-- directives:end -->b`)
  t.throws(
    () => withPart('<!-- directives:end --><!-- directives:begin -->', directivesPart),
    /has no <!-- directives:begin -->/,
  )
})
