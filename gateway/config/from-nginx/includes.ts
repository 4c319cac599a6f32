import { basename, dirname, join, resolve } from 'node:path'
import { type Directive, readTree } from './tree.ts'
import { Unreadable } from './words.ts'

/** The files of the machine, as far as a configuration needs them. */
export interface Files {
  /** Throws the system's error. */
  readonly read: (path: string) => string
  /** The files that fit a path with `*`, `?` and `[…]`, sorted as glob(3) does. */
  readonly find: (pattern: string) => readonly string[]
}

/** A file with all that it includes. An include that finds nothing keeps no block. */
export function readWithIncludes(path: string, files: Files): readonly Directive[] {
  const start = resolve(path)
  return readOne(start, { files, prefix: prefixOf(start, files), chain: [] })
}

interface Reading {
  readonly files: Files
  readonly prefix: string
  /** The files that are open: one that includes itself would never end. */
  readonly chain: readonly string[]
}

function readOne(path: string, reading: Reading): readonly Directive[] {
  const inside = { ...reading, chain: [...reading.chain, path] }
  let text: string
  try {
    text = reading.files.read(path)
  } catch (error) {
    throw new Unreadable(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? error})`)
  }
  return followed(readTree(text, path), inside)
}

function followed(directives: readonly Directive[], reading: Reading): readonly Directive[] {
  return directives.map((each) => {
    if (each.name === 'include') return included(each, reading)
    return each.block ? { ...each, block: followed(each.block, reading) } : each
  })
}

function included(include: Directive, reading: Reading): Directive {
  const paths = reading.files.find(resolve(reading.prefix, include.args[0] ?? ''))
  const again = paths.find((path) => reading.chain.includes(path))
  if (again !== undefined) throw new Unreadable(`${include.file}:${include.line}: ${again} includes itself`)
  if (paths.length === 0) return include
  return { ...include, block: paths.flatMap((path) => readOne(path, reading)) }
}

/** nginx takes relative paths from the folder of nginx.conf, also in a file that lies in a folder below it. */
export function prefixOf(start: string, files: Files): string {
  const own = dirname(start)
  if (basename(start) === 'nginx.conf') return own
  const near = [own, dirname(own)].find((folder) => files.find(join(folder, 'nginx.conf')).length > 0)
  return near ?? own
}
