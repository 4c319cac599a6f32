import { globSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import type { Files } from './includes.ts'

/** The files of this machine. As with glob(3), `*` does not find what begins with a dot. */
export const disk: Files = {
  read: (path) => readFileSync(path, 'utf8'),
  find: (pattern) =>
    globSync(pattern)
      .filter((path) => isAbsolute(path) && isFile(path) && !isHidden(path, pattern))
      .toSorted(),
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

function isHidden(path: string, pattern: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return name.startsWith('.') && !pattern.slice(pattern.lastIndexOf('/') + 1).startsWith('.')
}
