import { join } from 'node:path'
import { nearest } from '../../gateway/config/nearest.ts'
import { ETC } from '../cluster/machine.ts'
import { readIfThere } from '../host/files.ts'
import { Trouble } from '../local/trouble.ts'
import type { Variables } from './variables.ts'

/** What an operator may set of the stack's variables; their defaults stand where the files use them. */
export const TUNING_FILE = join(ETC, 'stack.env')

interface Tunable {
  readonly reads: RegExp
  readonly must: string
}
const seconds: Tunable = { reads: /^\d{1,6}$/, must: 'be a number of seconds' }
const image: Tunable = { reads: /^\S+$/, must: "be an image's name" }

const TUNABLES: Readonly<Record<string, Tunable>> = {
  PYLI_JUPYTER_MEMORY: { reads: /^[1-9]\d*[mg]$/, must: 'look like 512m or 8g' },
  PYLI_JUPYTER_CPUS: { reads: /^(?!0+(\.0*)?$)\d+(\.\d+)?$/, must: 'be a number of processors' },
  PYLI_CULL_IDLE: seconds,
  PYLI_TERMINALS: { reads: /^(on|off)$/, must: 'be on or off' },
  PYLI_DRAIN_QUIET: seconds,
  PYLI_DRAIN_DEADLINE: { reads: /^[1-9]\d{1,5}$/, must: 'be a number of seconds, 10 or more' },
  PYLI_MTU: { reads: /^[1-9]\d{2,4}$/, must: 'be a number of bytes, 50 less than what the network takes' },
  PYLI_PORTAINER_IMAGE: image,
  PYLI_PORTAINER_AGENT_IMAGE: image,
}
export const TUNABLE_NAMES = Object.keys(TUNABLES)

/** Lines of NAME=VALUE, blank ones and those of a # aside. Throws one Trouble that names all mistakes. */
export function readTuning(text: string, file = TUNING_FILE): Variables {
  const variables: Record<string, string> = {}
  const mistakes: string[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    const [, name = '', value = ''] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    const mistake = mistakeIn(name, value, variables)
    if (mistake === undefined) variables[name] = value
    else mistakes.push(`${file}:${index + 1}: ${mistake}`)
  }
  if (mistakes.length > 0) throw new Trouble(mistakes.join('\n'))
  return { ...variables, ...graceFor(variables) }
}

/** A server ends by itself at its deadline, before Swarm's patience ends. */
function graceFor({ PYLI_DRAIN_DEADLINE: deadline }: Variables): Variables {
  return deadline === undefined ? {} : { PYLI_STOP_GRACE: `${Number(deadline) + 30}s` }
}

function mistakeIn(name: string, value: string, before: Variables): string | undefined {
  if (name === '') return 'a line must read NAME=VALUE'
  if (before[name] !== undefined) return `${name} is there twice, and one of the two would be lost`
  const tunable = TUNABLES[name]
  if (tunable !== undefined) return tunable.reads.test(value) ? undefined : `${name} must ${tunable.must}, got ${value}`
  const guess = nearest(name, TUNABLE_NAMES)
  return guess === undefined
    ? `${name} is none of ${TUNABLE_NAMES.join(', ')}`
    : `${name} is not known; is it ${guess}?`
}

export const tuning = async (file = TUNING_FILE): Promise<Variables> =>
  readTuning((await readIfThere(file)) ?? '', file)
