import { parseArgs } from 'node:util'
import { Trouble } from '../local/trouble.ts'
import { type Option, type OptionName, options } from './options.ts'
import type { Given } from './settings.ts'

/** A switch of one command, beside the options of the cluster. */
export interface Switches {
  readonly [name: string]: { readonly metavar?: string; readonly about: string }
}

export interface CommandLine {
  readonly given: Given
  /** What the command's own switches say: their value, or an empty text. How often tells the length. */
  readonly switches: ReadonlyMap<string, readonly string[]>
  readonly rest: readonly string[]
}

/** Those that may be repeated. */
const LISTS: ReadonlySet<string> = new Set<OptionName>(['name', 'ca', 'with', 'without'])

/** Reads a command's arguments. Values are not looked at yet. Throws Trouble. */
export function readCommandLine(
  command: string,
  args: readonly string[],
  names: readonly OptionName[],
  own: Switches,
): CommandLine {
  const table = Object.fromEntries([
    ...names.map((name) => [name, { type: 'string' as const, multiple: true }]),
    ...Object.entries(own).map(([name, { metavar }]) => [
      name,
      { type: metavar === undefined ? ('boolean' as const) : ('string' as const), multiple: true },
    ]),
  ])
  const { values, positionals } = parse(command, args, table)
  const given: Record<string, string> = {}
  const switches = new Map<string, string[]>()
  for (const [name, all] of Object.entries(values)) {
    if (Object.hasOwn(own, name)) switches.set(name, all.map(String))
    else given[name] = LISTS.has(name) ? all.join(',') : String(all.at(-1))
  }
  return { given, switches, rest: positionals }
}

/** For commands that are told all by options. Throws Trouble. */
export function refuseRest(command: string, { rest }: CommandLine): void {
  if (rest.length > 0)
    throw new Trouble(`pyli ${command} takes no ${rest[0]}. \`pyli ${command} --help\` tells the options.`)
}

type Table = Record<string, { type: 'string' | 'boolean'; multiple: true }>

function parse(command: string, args: readonly string[], table: Table) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: table, allowPositionals: true })
    return { values: values as Record<string, (string | boolean)[]>, positionals }
  } catch (error) {
    throw new Trouble(`${(error as Error).message.split('. ')[0]}. \`pyli ${command} --help\` tells the options.`)
  }
}

/** The options' part of a command's help. */
export function tellOptions(names: readonly OptionName[], own: Switches): string {
  const entries = [
    ...names.map((name) => ({ name, ...(options[name] as Option<unknown>) })),
    ...Object.entries(own).map(([name, each]) => ({ name, fallback: undefined, ...each })),
  ]
  return entries
    .map(({ name, metavar, about, fallback }) => {
      const note = fallback ? ` (default ${fallback})` : ''
      return `  --${name}${metavar === undefined ? '' : ` ${metavar}`}\n${wrapped(about + note)}`
    })
    .join('\n')
}

const WIDTH = 100
const INDENT = '      '

function wrapped(text: string): string {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && INDENT.length + line.length + 1 + word.length > WIDTH) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line) => INDENT + line).join('\n')
}
