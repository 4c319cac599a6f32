import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { ensureNotebooks } from '../../../provisioner/local/notebooks.ts'
import { scratch } from './scratch.ts'

function told() {
  const said: string[] = []
  return { said, progress: { say: (text: string) => void said.push(text), doing() {} } }
}

t.test('our own folder has an example, which stays away once it is deleted', async (t) => {
  const stateDir = await scratch(t)
  const { said, progress } = told()
  const folder = await ensureNotebooks(stateDir, undefined, progress)
  t.strictSame(await readdir(folder), ['Welcome.ipynb'])
  t.match(JSON.parse(await readFile(join(folder, 'Welcome.ipynb'), 'utf8')), { nbformat: 4 })
  t.strictSame(said, [])
})

t.test('a folder that was not there is made, and that is said: its name may be a slip', async (t) => {
  const wanted = join(await scratch(t), 'deep', 'missing')
  const { said, progress } = told()
  t.equal(await ensureNotebooks('/s', wanted, progress), wanted)
  t.strictSame(await readdir(wanted), [])
  t.strictSame(said, [`Made the folder ${wanted}, which was not there`])
})

t.test('a folder that is there is left as it is', async (t) => {
  const wanted = join(await scratch(t), 'there')
  await mkdir(wanted)
  const { said, progress } = told()
  await ensureNotebooks('/s', wanted, progress)
  t.strictSame([await readdir(wanted), said], [[], []])
})

t.test('a file is no folder', async (t) => {
  const wanted = join(await scratch(t), 'file')
  await writeFile(wanted, '')
  await t.rejects(ensureNotebooks('/s', wanted, told().progress), { name: 'Trouble', message: /is not a folder/ })
  await t.rejects(ensureNotebooks('/s', join(wanted, 'below'), told().progress), {
    name: 'Trouble',
    message: /below cannot be made or written to \(ENOTDIR\): name another folder with --notebooks DIR\.$/,
  })
})

t.test('a folder that can never be made, as below /proc, is one sentence at once', async (t) => {
  await t.rejects(ensureNotebooks('/s', '/proc/x/y', told().progress), {
    name: 'Trouble',
    message: '/proc/x/y cannot be made or written to (ENOENT): name another folder with --notebooks DIR.',
  })
})
