import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

/** What stands in a document between `<!-- NAME:begin -->` and `<!-- NAME:end -->`, and is made by a program. */
export interface MadePart {
  readonly name: string
  readonly make: () => string
}

/** The document with that part made anew. */
export function withPart(document: string, { name, make }: MadePart): string {
  const begin = `<!-- ${name}:begin -->`
  const end = `<!-- ${name}:end -->`
  const from = document.indexOf(begin)
  const to = document.indexOf(end, from)
  if (from === -1 || to === -1) throw new Error(`The document has no ${begin} with ${end} after it`)
  return `${document.slice(0, from)}${begin}\n${make()}${document.slice(to)}`
}

/** For a program that makes one: prints it, and with `--write FILE` renews it there. */
export function printOrWrite(part: MadePart): void {
  const { write } = parseArgs({ options: { write: { type: 'string' } } }).values
  if (write === undefined) console.log(part.make())
  else writeFileSync(write, withPart(readFileSync(write, 'utf8'), part))
}
