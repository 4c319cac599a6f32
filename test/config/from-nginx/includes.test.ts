import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { disk } from '../../../gateway/config/from-nginx/disk.ts'
import { readWithIncludes } from '../../../gateway/config/from-nginx/includes.ts'
import { placed } from '../../../gateway/config/from-nginx/site.ts'

type Tree = { [name: string]: string | Tree }

const names = (path: string): string[] => placed(readWithIncludes(path, disk)).map(({ directive }) => directive.name)

t.test('a pattern takes in its files in their order, without hidden ones and folders', async (t) => {
  const files: Tree = { b: 'b;', a: 'a;', '.hidden': 'hidden;', folder: {} }
  const dir = t.testdir({ 'nginx.conf': 'x; include sites/*; y;', sites: files })
  t.strictSame(names(join(dir, 'nginx.conf')), ['x', 'include', 'a', 'b', 'y'])
})

t.test('relative paths are meant from the folder of nginx.conf, wherever the including file lies', async (t) => {
  const dir = t.testdir({
    'nginx.conf': '',
    sites: { jupyter: 'include snippets/a.conf;' },
    snippets: { 'a.conf': 'a;' },
  })
  t.strictSame(names(join(dir, 'sites', 'jupyter')), ['include', 'a'])
})

t.test('without an nginx.conf near, they are meant from the folder of the file', async (t) => {
  const dir = t.testdir({ sites: { jupyter: 'include a.conf;', 'a.conf': 'a;' } })
  t.strictSame(names(join(dir, 'sites', 'jupyter')), ['include', 'a'])
})

t.test('links are followed, and one that leads nowhere is a file that is not there', async (t) => {
  const dir = t.testdir({ 'nginx.conf': 'include enabled/*;', available: { a: 'a;' } })
  mkdirSync(join(dir, 'enabled'))
  symlinkSync('../available/a', join(dir, 'enabled', 'a'))
  symlinkSync('../available/gone', join(dir, 'enabled', 'gone'))
  t.strictSame(names(join(dir, 'nginx.conf')), ['include', 'a'])
})

t.test('an include that finds nothing keeps no block', async (t) => {
  const dir = t.testdir({ 'nginx.conf': 'include gone.conf; include none/*;' })
  t.match(readWithIncludes(join(dir, 'nginx.conf'), disk), [{ block: undefined }, { block: undefined }])
})

t.test('a syntax error in an included file is told with that file', async (t) => {
  const dir = t.testdir({ 'nginx.conf': 'include a.conf;', 'a.conf': 'b;\n}' })
  t.throws(() => names(join(dir, 'nginx.conf')), { message: `${join(dir, 'a.conf')}:2: "}" closes nothing` })
})

t.test('a file that includes itself is one sentence', async (t) => {
  const dir = t.testdir({ 'nginx.conf': '\ninclude a.conf;', 'a.conf': 'include nginx.conf;' })
  const message = `${join(dir, 'a.conf')}:1: ${join(dir, 'nginx.conf')} includes itself`
  t.throws(() => names(join(dir, 'nginx.conf')), { message })
})

t.test('a file that is not there is one sentence', async (t) => {
  const path = join(t.testdir(), 'gone.conf')
  t.throws(() => names(path), { message: `${path}: cannot be read (ENOENT)` })
})

t.test('one file may be included twice', async (t) => {
  const dir = t.testdir({ 'nginx.conf': 'a { include s; } b { include s; }' })
  writeFileSync(join(dir, 's'), 'c;')
  t.strictSame(names(join(dir, 'nginx.conf')), ['a', 'include', 'c', 'b', 'include', 'c'])
})
