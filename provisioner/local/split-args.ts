import { parseArgs } from 'node:util'

export interface SplitArgs {
  /** What was given for the named options. */
  readonly values: ReadonlyMap<string, string>
  /** All else, in the order and the words in which it was given. */
  readonly rest: readonly string[]
  readonly mistakes: string[]
}

/** Takes the named options, which all have a value, out of a command line. Of the others we know nothing. */
export function splitArgs(args: readonly string[], names: readonly string[]): SplitArgs {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false, // strictly, it would not go past an option that it does not know
    tokens: true,
    options: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
  })
  const values = new Map<string, string>()
  const taken = new Set<number>()
  const mistakes: string[] = []

  for (const token of tokens) {
    if (token.kind === 'option-terminator') taken.add(token.index)
    if (token.kind !== 'option' || !names.includes(token.name)) continue
    taken.add(token.index)
    // Not strictly, the parser takes the next option for the value that is missing.
    if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--'))) {
      mistakes.push(`--${token.name} needs a value`)
      continue
    }
    if (!token.inlineValue) taken.add(token.index + 1)
    if (values.has(token.name)) mistakes.push(`--${token.name} is there twice, and one of the two would be lost`)
    values.set(token.name, token.value)
  }
  return { values, rest: args.filter((_, index) => !taken.has(index)), mistakes }
}
