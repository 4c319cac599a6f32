import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type Docker from 'dockerode'
import t, { type Test } from 'tap'
import type { Machine } from '../../../provisioner/cluster/machine.ts'
import { moveIsNoted, moveUnderWay, notebooksHaveMoved, wantsToMove } from '../../../provisioner/cluster/moving.ts'
import { readSettings } from '../../../provisioner/cluster/settings.ts'
import { settle } from '../../../provisioner/cluster/settle.ts'
import { type Run, run } from '../../../provisioner/host/run.ts'
import { quietly } from '../../fakes/fake-settling.ts'

const machine = (runs: Run = run): Machine => ({
  ...quietly(),
  name: 'n1',
  run: runs,
  engine: {} as Docker,
})

const alone = readSettings({ workers: '0' })

t.test(
  'notebooks of a machine that was alone move to where all see them, and nowhere else by themselves',
  async (t) => {
    t.equal(wantsToMove(alone, readSettings({ workers: '2' })), '/srv/pyli/local')
    t.equal(wantsToMove(alone, readSettings({ workers: '0', replicas: '4' })), undefined)
    t.throws(() => wantsToMove(readSettings({}), readSettings({ storage: 'nfs', nfs: 'a:/b' })), {
      message: /are in storage gluster \(.*\), and do not move by themselves to storage nfs \(source a:\/b\)/,
    })
    t.throws(() => wantsToMove(alone, readSettings({ workers: '0', folder: '/elsewhere' })), { message: /do not move/ })
  },
)

function places(t: Test) {
  const folder = t.testdir({
    from: { notebooks: { 'a.ipynb': 'A', '.hidden': 'H', deep: { 'b.ipynb': 'B' } } },
    to: {},
  })
  const [from, to, file] = ['from', 'to', 'moving.json'].map((name) => join(folder, name)) as [string, string, string]
  const steps = (on = machine()) => [moveIsNoted(from, file), notebooksHaveMoved(on, from, to, file)]
  return { from, to, file, steps, move: notebooksHaveMoved(machine(), from, to, file) }
}

t.test('all of them, and the folder stays as it was', async (t) => {
  const { from, to, file, steps, move } = places(t)
  await settle(steps(), machine())
  for (const [name, text] of [
    ['a.ipynb', 'A'],
    ['.hidden', 'H'],
    ['deep/b.ipynb', 'B'],
  ] as const) {
    t.equal(readFileSync(join(to, name), 'utf8'), text)
    t.equal(readFileSync(join(from, 'notebooks', name), 'utf8'), text)
  }
  t.notOk(existsSync(file))
  t.equal(await move.look(), undefined, 'once')
})

t.test('a copy that was interrupted goes on, and what it left half is made whole', async (t) => {
  const { to, file, steps, move } = places(t)
  const broken = machine(async (argv, options) => {
    if (argv[0] !== 'cp') return run(argv, options)
    writeFileSync(join(to, 'a.ipynb'), 'hal')
    throw new Error('the power is gone')
  })
  await t.rejects(settle(steps(broken), machine()), { message: 'the power is gone' })
  t.match(await moveUnderWay(file), { hasBegun: true })
  t.ok(await move.look())
  await move.change?.()
  t.equal(readFileSync(join(to, 'a.ipynb'), 'utf8'), 'A')
  t.equal(await move.look(), undefined)
})

t.test('nothing is written over what is there already', async (t) => {
  const { to, file, steps } = places(t)
  mkdirSync(join(to, '.pyli'))
  writeFileSync(join(to, 'theirs.ipynb'), 'T')
  await t.rejects(settle(steps(), machine()), { message: /holds notebooks already, theirs\.ipynb for one/ })
  t.match(await moveUnderWay(file), { hasBegun: false }, 'and the move is still to be made')
})
