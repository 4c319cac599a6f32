import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf } from './files.ts'

/**
 * A folder, and those above it that are missing. With `recursive` Node's mkdir tries for ever where the folder above is
 * there and the system says that nothing is, as in /proc, and then nothing ends the process but SIGKILL.
 */
export async function makeFolders(path: string, mode?: number): Promise<void> {
  try {
    await makeFolder(path, mode)
  } catch (error) {
    const above = dirname(path)
    if (codeOf(error) !== 'ENOENT' || above === path) throw error
    await makeFolders(above, mode)
    await makeFolder(path, mode)
  }
}

async function makeFolder(path: string, mode: number | undefined): Promise<void> {
  try {
    await mkdir(path, { mode })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error
  }
}
