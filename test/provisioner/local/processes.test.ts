import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { ms, seconds } from '../../../gateway/config/units.ts'
import { endOwned, eventually, OWNER, ownedBy, ownerOf } from '../../../provisioner/local/processes.ts'
import { isRunning } from './scratch.ts'

/** Runs a line of shell, marked as ours or not. */
function shell(line: string, owner?: string): ChildProcess & { pid: number } {
  const env = owner === undefined ? process.env : { ...process.env, [OWNER]: owner }
  const child = spawn('sh', ['-c', line], { env, detached: true, stdio: 'ignore' })
  t.teardown(() => child.kill('SIGKILL'))
  return child as ChildProcess & { pid: number }
}

const found = (stateDir: string, count: number) => eventually(() => ownedBy(stateDir).length === count, seconds(5))

t.test('finds what left the process group and cleared its environment', async (t) => {
  const child = shell('setsid sleep 60 & env -i sleep 60 & wait', ownerOf('/state/a', 'one'))
  t.ok(await found('/state/a', 3))
  t.ok(ownedBy('/state/a').includes(child.pid))
  await endOwned('/state/a', undefined, seconds(5))
})

t.test('tells parts and folders apart', async (t) => {
  const one = shell('exec sleep 60', ownerOf('/state/b', 'jupyter-1'))
  const ten = shell('exec sleep 60', ownerOf('/state/b', 'jupyter-10'))
  const other = shell('exec sleep 60', ownerOf('/state/b2', 'jupyter-1'))
  const stranger = shell('exec sleep 60')
  t.ok(await found('/state/b', 2))
  t.strictSame(ownedBy('/state/b', 'jupyter-1'), [one.pid])

  t.equal(await endOwned('/state/b', 'jupyter-1', seconds(5)), 1)
  t.ok([ten, other, stranger].every(({ pid }) => isRunning(pid)))
  await endOwned('/state/b', undefined, seconds(5))
  await endOwned('/state/b2', undefined, seconds(5))
  t.ok(isRunning(stranger.pid))
})

t.test('who does not listen is not asked twice', async (t) => {
  const deaf = shell('trap "" TERM; while :; do sleep 1; done', ownerOf('/state/c', 'one'))
  const ended = once(deaf, 'exit')
  t.ok(await eventually(() => ownedBy('/state/c').length === 2, seconds(5)))
  await endOwned('/state/c', undefined, ms(200))
  t.strictSame(await ended, [null, 'SIGKILL'])
})
