import { access, constants } from 'node:fs/promises'
import { makeFolders } from '../../gateway/control/folders.ts'
import { Trouble } from './trouble.ts'

/** Makes a folder that a person has named, or says which option names another. */
export async function makeFolder(path: string, flag: '--state' | '--notebooks'): Promise<void> {
  try {
    await makeFolders(path)
    await access(path, constants.W_OK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Trouble(`${path} cannot be made or written to (${code}): name another folder with ${flag} DIR.`)
  }
}
