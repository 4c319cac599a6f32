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
 * Lines of `PYLI_NAME=VALUE`: quotes may stand around a value, and `#` behind white space begins a comment. Other
 * readers of such files (systemd, Docker, shells) pass over what they do not understand, and differ in what a `#` or a
 * lone quote within a value is. Here all that is a mistake: a limit that was misspelt would hold nobody, and half a
 * token anybody.
 */
export function readOptionsFile(path: string, text: string): OptionsFile {
  const variables = new Map<string, string>()
  const mistakes: string[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    const [assignment] = Object.entries(parseEnv(line)) as [string, string][]
    const mistake = mistakeIn(assignment?.[0], variables) ?? mistakeInValue(line)
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

const QUOTED = /^(["'`])(?:(?!\1).)*\1\s*(#|$)/
const PLAIN = /^[^"'`#]*(\s#.*)?$/

/** Never the value itself: it could be a token. */
function mistakeInValue(line: string): string | undefined {
  const [, name, value = ''] = /^\s*(?:export\s+)?([^=\s]+)\s*=\s*(.*)$/.exec(line) ?? []
  if (QUOTED.test(value) || PLAIN.test(value)) return undefined
  return `the value of ${name} has a # or a quotation mark in it: put all of it in quotes, of another kind than those within`
}
