import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ms, seconds } from '../../../gateway/config/units.ts'
import { othersAreReady, report } from '../../../provisioner/cluster/shared.ts'
import { type Run, run } from '../../../provisioner/host/run.ts'
import { filesOnVolume, namesOnVolume } from '../../../provisioner/storage/volume.ts'

/** Waits a fifth of a second where it was told how long to wait, and for ever where it was not. */
const hurried: Run = (argv, options) =>
  run(argv, options?.limit === undefined ? options : { ...options, limit: ms(200) })

/** What hangs as a volume does whose machines are gone: whoever opens it waits for somebody at its other end. */
const hang = (path: string) => execFileSync('mkfifo', [path])

t.test('a file is written whole, for whom it is meant, and read again', async (t) => {
  const folder = t.testdir()
  const { read, write } = filesOnVolume(run, folder)
  const path = join(folder, 'deep', 'file')
  t.equal(await read(path), undefined)
  await write(path, 'one\n', 0o600)
  await write(path, 'two\n', 0o600)
  t.equal(await read(path), 'two\n')
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.strictSame(readdirSync(join(folder, 'deep')), ['file'])
  t.strictSame(await namesOnVolume(run, folder), ['deep'])
  t.strictSame((await namesOnVolume(run, folder, 2)).sort(), ['deep', 'deep/file'])
  t.strictSame(await namesOnVolume(run, join(folder, 'none')), [])
})

t.test('nothing is written where the volume is not', async (t) => {
  const folder = join(t.testdir(), 'volume')
  await t.rejects(filesOnVolume(run, folder).write(join(folder, 'reports', 'n2.json'), '{}', 0o600), {
    name: 'Trouble',
    message: /is not there: is the volume mounted\?/,
  })
  t.throws(() => statSync(folder))
})

t.test('what refuses is told with its reason', async (t) => {
  await t.rejects(filesOnVolume(run).read(t.testdir()), {
    name: 'Trouble',
    message: /: Is a directory\. `pyli status`/,
  })
})

t.test('a volume that hangs holds nobody up', async (t) => {
  const folder = t.testdir()
  const [path, draft] = [join(folder, 'file'), join(folder, `file.${process.pid}`)]
  hang(path)
  hang(draft)
  const { read, write } = filesOnVolume(hurried, folder)
  const silent = { name: 'Trouble', message: /does not answer: `pyli status` tells which machines are away/ }
  await t.rejects(read(path), silent)
  await t.rejects(write(path, 'secret', 0o600), silent)
})

t.test('while it hangs the other machines are waited for', async (t) => {
  const folder = t.testdir()
  mkdirSync(join(folder, 'reports'))
  hang(join(folder, 'reports', 'n2.json'))
  const ready = othersAreReady(hurried, [{ name: 'n2', id: 'id-n2' }], seconds(60), folder)
  t.match(await ready.look(), 'does not answer')
  await report(run, 'n2', { ready: 'id-n2' }, folder)
  t.equal(await ready.look(), undefined)
  t.equal(readFileSync(join(folder, 'reports', 'n2.json'), 'utf8'), '{"ready":"id-n2"}\n')
})
