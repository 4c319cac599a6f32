import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const ROOT = join(import.meta.dirname, '..', '..')
const text = readFileSync(join(ROOT, 'docs/strictness.md'), 'utf8')

/** The rows of all tables, without heads and rules. */
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| Promise') && !line.startsWith('| ---'))
  .map((line) => line.slice(2, -2).split(' | ') as [promise: string, heldBy: string])

interface Title {
  /** What a test may be called; what stands for a `${…}` is a group. */
  readonly pattern: RegExp
  readonly source: string
}

/** The titles of a test file, as they stand there. */
function titlesIn(source: string): Title[] {
  const calls = source.matchAll(/\bt\.test\(\s*(?:'((?:[^'\\]|\\.)*)'|"([^"]*)"|`([^`]*)`)/g)
  return Array.from(calls, ([, single, double, template]) => {
    const title = (single ?? double ?? template ?? '').replaceAll("\\'", "'")
    const parts = template === undefined ? [title] : title.split(/\$\{[^}]*\}/)
    const pattern = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('(.+)')
    return { pattern: new RegExp(`^${pattern}$`), source }
  })
}

/** Whether a file has a test of this title: what its template is filled with must stand in the file as well. */
function isTitleOf(title: string, { pattern, source }: Title): boolean {
  const found = pattern.exec(title)
  return found?.slice(1).every((filled) => source.includes(filled)) ?? false
}

t.test('every promise names its tests, and every one of them is there', async (t) => {
  t.ok(rows.length > 45, `${rows.length} rows`)
  for (const [promise, heldBy] of rows) {
    const tests = heldBy.split('<br>').map((cell) => /^`(\S+) › (.+)`$/.exec(cell))
    for (const [, file, title] of tests.map((found) => found ?? [])) {
      if (file === undefined || title === undefined) {
        t.fail(`${promise}: a test is written \`folder/file › title\``)
        continue
      }
      const path = join(ROOT, 'test', `${file}.test.ts`)
      if (!existsSync(path)) t.fail(`${promise}: there is no ${file}`)
      else if (!titlesIn(readFileSync(path, 'utf8')).some((each) => isTitleOf(title, each)))
        t.fail(`${file} › ${title}`)
    }
  }
})
