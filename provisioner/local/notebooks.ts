import { constants } from 'node:fs'
import { copyFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from './folder.ts'
import type { Progress } from './progress.ts'
import { Trouble } from './trouble.ts'

const EXAMPLE = join(import.meta.dirname, 'Welcome.ipynb')

/** The folder that all servers serve. Only our own one gets an example; it may be deleted and stays away. */
export async function ensureNotebooks(
  stateDir: string,
  wanted: string | undefined,
  progress: Progress,
): Promise<string> {
  const folder = wanted ?? join(stateDir, 'notebooks')
  const found = await stat(folder).catch(() => undefined)
  if (found?.isDirectory()) return folder
  if (found !== undefined) throw new Trouble(`${folder} is not a folder: name one with --notebooks DIR.`)
  await makeFolder(folder, '--notebooks')
  if (wanted === undefined) await copyFile(EXAMPLE, join(folder, 'Welcome.ipynb'), constants.COPYFILE_EXCL)
  else progress.say(`Made the folder ${folder}, which was not there`)
  return folder
}
