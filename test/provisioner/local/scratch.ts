import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { seconds } from '../../../gateway/config/units.ts'
import { endOwned, lifeOf } from '../../../provisioner/local/processes.ts'
import { silent } from '../../../provisioner/local/progress.ts'
import { ensurePython } from '../../../provisioner/local/python.ts'

export const ROOT = join(import.meta.dirname, '..', '..', '..')

/** A state folder of its own, outside of the repository; what runs for it is ended with the test. */
export async function scratch(t: Test): Promise<string> {
  const stateDir = await mkdtemp(join(tmpdir(), 'pyli-test-'))
  t.teardown(async () => {
    await endOwned(stateDir, undefined, seconds(3))
    await rm(stateDir, { recursive: true, force: true })
  })
  return stateDir
}

/** The environment of the repository: to make one takes most of a minute. */
export const realPython = (): Promise<string> => ensurePython({ stateDir: join(ROOT, '.pyli'), progress: silent })

/** A state folder in which the repository's environment is found as if it had been made there. */
export async function scratchWithPython(t: Test): Promise<string> {
  await realPython()
  const stateDir = await scratch(t)
  await symlink(join(ROOT, '.pyli', 'python'), join(stateDir, 'python'))
  return stateDir
}

/** Not so a zombie, for which process.kill(pid, 0) would say yes: nobody may have asked yet how it ended. */
export const isRunning = (pid: number): boolean => lifeOf(pid) !== undefined
