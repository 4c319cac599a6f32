import { parseArgs } from 'node:util'
import { Trouble } from '../../provisioner/local/trouble.ts'

export const usage = `npm run lab -- up [--nodes 3] [--bare] [--ca FILE]   machines with Debian 13: n1, n2, n3
npm run lab -- down                                  all of it away, disks as well
npm run lab -- shell N                               a shell on one of them
npm run lab -- run N -- COMMAND…                     a command there; its exit code is ours
npm run lab -- cut N | heal N                        pulls its network cable, and puts it in again
npm run lab -- freeze N | thaw N                     stops its programs, and lets them go on
npm run lab -- kill N | start N                      takes its power, and gives it back

  --name NAME    a lab of its own beside others (pyli-lab)
  --nodes COUNT  1 to 9 (3); of a lab that is up, more than it has adds some
  --bare         nothing is installed that Pyli needs, so that it is fetched; otherwise it is there, not configured or started
  --ca FILE      one more authority (PEM) for a network that looks into TLS (default: this machine's own additional ones)

The project is in /opt/pyli, as it is in this folder and read-only. Needs root, Linux and a Docker engine.
`

export const verbs = ['up', 'down', 'shell', 'run', 'cut', 'heal', 'freeze', 'thaw', 'kill', 'start'] as const
export type Verb = (typeof verbs)[number]

export interface LabOptions {
  readonly verb: Verb
  readonly name: string
  readonly nodes: number
  readonly isBare: boolean
  readonly authority: string | undefined
  /** Of the verbs that are about one machine. */
  readonly node: number
  readonly command: readonly string[]
}

const flags = {
  name: { type: 'string', default: 'pyli-lab' },
  nodes: { type: 'string', default: '3' },
  bare: { type: 'boolean', default: false },
  ca: { type: 'string' },
} as const

/** Reads the command line; throws Trouble that says what to do. */
export function parseLabOptions(args: readonly string[]): LabOptions {
  const { values, positionals } = parsed(args)
  const [verb, which, ...command] = positionals
  if (!isVerb(verb)) throw new Trouble(`${verb ?? 'Nothing'} is none of ${verbs.join(', ')}\n\n${usage}`)
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(values.name)) {
    throw new Trouble(`--name must be lower-case letters, digits and hyphens, got "${values.name}"`)
  }
  if (!/^[1-9]$/.test(values.nodes)) throw new Trouble(`--nodes must be 1 to 9, got "${values.nodes}"`)
  const isOfAll = verb === 'up' || verb === 'down'
  const node = Number(/^n?([1-9])$/.exec(which ?? '')?.[1])
  if (isOfAll && which !== undefined) throw new Trouble(`${verb} is about all machines: leave "${which}" away`)
  if (!isOfAll && Number.isNaN(node))
    throw new Trouble(`${verb} needs a machine, for example: npm run lab -- ${verb} 2`)
  if (verb === 'run' && command.length === 0)
    throw new Trouble('run needs a command: npm run lab -- run 1 -- pyli status')
  return {
    verb,
    name: values.name,
    nodes: Number(values.nodes),
    isBare: values.bare,
    authority: values.ca,
    node,
    command,
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: true })
  } catch (error) {
    throw new Trouble(`${(error as Error).message}\n\n${usage}`)
  }
}

const isVerb = (word: string | undefined): word is Verb => (verbs as readonly (string | undefined)[]).includes(word)
