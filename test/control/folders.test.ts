import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { makeFolders } from '../../gateway/control/folders.ts'

t.test('a folder is made with those above it, and one that is there is left as it is', async (t) => {
  const path = join(t.testdir(), 'a', 'b', 'c')
  for (let times = 0; times < 2; times++) await makeFolders(path, 0o700)
  t.equal((await stat(path)).mode & 0o777, 0o700)
  await makeFolders(path, 0o755)
  t.equal((await stat(path)).mode & 0o777, 0o700)
})

t.test('several that make it at once all have it', async (t) => {
  const path = join(t.testdir(), 'a', 'b', 'c')
  await Promise.all(Array.from({ length: 20 }, () => makeFolders(path)))
  t.ok((await stat(path)).isDirectory())
})

t.test('what cannot be made is told at once: below a file, and where nothing is ever made', async (t) => {
  const file = join(t.testdir(), 'file')
  await writeFile(file, '')
  await t.rejects(makeFolders(file), { code: 'EEXIST' })
  await t.rejects(makeFolders(join(file, 'a', 'b')), { code: 'ENOTDIR' })
  for (const path of ['/proc/x', '/proc/x/y/z']) await t.rejects(makeFolders(path), { code: 'ENOENT' })
})
