import { parseEnv } from 'node:util'
import { nearest } from './nearest.ts'
import { optionNames, options } from './options.ts'

/** What a file of options says: a value for each variable that is named in it, and all that is wrong with it. */
export interface OptionsFile {
  readonly variables: ReadonlyMap<string, string>
  readonly mistakes: readonly string[]
}

const names = optionNames.filter((name) => name !== 'optionsFile').map((name) => options[name].env as string)

/**
 * Lines of `PYLI_NAME=VALUE`, as systemd, Docker and shells read them: quotes may stand around a value, and `#` begins a
 * comment. Their readers pass over what they do not understand; here it is a mistake, because a limit that was misspelt
 * would hold nobody.
 */
export function readOptionsFile(path: string, text: string): OptionsFile {
  const variables = new Map<string, string>()
  const mistakes: string[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    const [assignment] = Object.entries(parseEnv(line)) as [string, string][]
    const mistake = mistakeIn(assignment?.[0], variables)
    // Never the line itself: it could hold a token.
    if (mistake !== undefined) mistakes.push(`${path}:${index + 1}: ${mistake}`)
    else if (assignment) variables.set(...assignment)
  }
  return { variables, mistakes }
}

function mistakeIn(name: string | undefined, before: ReadonlyMap<string, string>): string | undefined {
  if (name === undefined)
    return `a line must read NAME=VALUE, for example ${options.backends.env}=${options.backends.example}`
  if (before.has(name)) return `${name} is there twice, and one of the two would be lost`
  if (names.includes(name)) return undefined
  const guess = nearest(name, names)
  return guess === undefined
    ? `${name} is no variable of ours; --help lists them`
    : `${name} is not known; did you mean ${guess}?`
}
