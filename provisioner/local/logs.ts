import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Bytes, mebibytes } from '../../gateway/config/units.ts'

const ENOUGH: Bytes = mebibytes(10)

export const logFileOf = (stateDir: string, part: string): string => join(stateDir, 'log', `${part}.log`)

/** Opens a log at its end and hands it to `use`, which gives it to a child. A long one begins anew, its past beside it. */
export function withLog<T>(path: string, use: (descriptor: number) => T): T {
  mkdirSync(join(path, '..'), { recursive: true })
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > ENOUGH) renameSync(path, `${path}.old`)
  // Not for everyone's eyes: Jupyter writes addresses with their token into its log.
  const descriptor = openSync(path, 'a', 0o600)
  try {
    return use(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** The last lines, for a message about a program that ended. */
export function lastLines(path: string, count = 5): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-count).join('\n')
  } catch {
    return ''
  }
}
