import { nearest } from './nearest.ts'
import { optionNames, options } from './options.ts'

const names = optionNames.map((name) => options[name].env as string)

/**
 * What the environment sets as if it were an option: misspelt, a limit would hold nobody. To be warned of and no mistake,
 * as other programs of the project have variables that begin so, too.
 */
export function unknownVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  const strangers = Object.keys(environment).filter((name) => name.startsWith('PYLI_') && !names.includes(name))
  return strangers.map((name) => {
    const guess = nearest(name, names)
    return `${name} is no variable of the gateway's${guess === undefined ? '' : `; did you mean ${guess}?`}`
  })
}
