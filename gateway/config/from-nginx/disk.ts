import { globSync, readFileSync, statSync } from 'node:fs'
import type { Files } from './includes.ts'

/** The files of this machine. As with glob(3), `*` does not find what begins with a dot. */
export const disk: Files = {
  read: (path) => readFileSync(path, 'utf8'),
  find: (pattern) => globSync(pattern).filter(isFile).toSorted(),
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}
