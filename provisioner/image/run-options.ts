import { parseArgs } from 'node:util'
import { count } from '../../gateway/config/forms/quantity.ts'
import { Trouble } from '../local/trouble.ts'
import { flavours } from './languages.ts'

export interface RunOptions {
  readonly image: string
  readonly port: number
  /** A folder, if it has a slash, or a volume of the engine's. */
  readonly notebooks: string
}

const flags = {
  flavour: { metavar: 'NAME', about: `${Object.keys(flavours).join(' or ')} (default full)` },
  tag: { metavar: 'NAME', about: 'instead of a flavour, an image of Jupyter servers by its name' },
  port: { metavar: 'PORT', about: 'where this machine reaches it (default 8888)' },
  notebooks: {
    metavar: 'DIR',
    about:
      "the folder that it serves, which user 1000 must be able to write (default: the engine's volume pyli-notebooks)",
  },
} as const

export const runHelp = (): string =>
  Object.entries(flags)
    .map(([name, { metavar, about }]) => `  ${`--${name} ${metavar}`.padEnd(18)}${about}`)
    .join('\n')

const port = count({ least: 1, most: 65_535 })

/** Throws one Trouble that names all mistakes. */
export function parseRunOptions(args: readonly string[]): RunOptions {
  const values = read(args)
  const mistakes: string[] = []
  if (values.flavour !== undefined && values.tag !== undefined)
    mistakes.push('--flavour and --tag exclude each other: give one of them')
  if (values.flavour !== undefined && !Object.hasOwn(flavours, values.flavour))
    mistakes.push(`--flavour must be ${Object.keys(flavours).join(' or ')}, or use --tag for another image`)
  const reading = port.read(values.port ?? '8888')
  if ('must' in reading) mistakes.push(`--port must ${reading.must}, for example --port 8889`)
  if (mistakes.length > 0 || 'must' in reading) throw new Trouble(mistakes.join('\n'))
  return {
    image: values.tag ?? `pyli-jupyter:${values.flavour ?? 'full'}`,
    port: reading.value,
    notebooks: values.notebooks ?? 'pyli-notebooks',
  }
}

function read(args: readonly string[]): { readonly [Name in keyof typeof flags]?: string } {
  const options = Object.fromEntries(Object.keys(flags).map((name) => [name, { type: 'string' as const }]))
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new Trouble(`${(error as Error).message.split('. ')[0]}. \`pyli image run --help\` tells the options.`)
  }
}
