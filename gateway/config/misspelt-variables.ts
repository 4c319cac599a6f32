import { nearest } from './nearest.ts'
import { optionNames, options } from './options.ts'

const PREFIX = 'PYLI_'
const names = optionNames.map((name) => (options[name].env as string).slice(PREFIX.length))

/**
 * What the environment seems to mean as an option and has misspelt: a limit would hold nobody. To be warned of and no
 * mistake, as other programs of the project have variables that begin so, too; those are not near enough to one of ours.
 */
export function misspeltVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  const ours = Object.keys(environment).filter((name) => name.startsWith(PREFIX))
  return ours.flatMap((variable) => {
    const name = variable.slice(PREFIX.length)
    const guess = names.includes(name) ? undefined : nearest(name, names)
    return guess === undefined ? [] : [`${variable} is not known; did you mean ${PREFIX}${guess}?`]
  })
}
