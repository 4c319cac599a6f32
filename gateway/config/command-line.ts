import { parseArgs } from 'node:util'
import { nearest } from './nearest.ts'
import { type OptionName, optionNames, options } from './options.ts'

export interface CommandLine {
  /** What stood after each flag that was given. */
  readonly given: ReadonlyMap<OptionName, string>
  /** Known flags that were given wrongly: no value of theirs is worth reading. */
  readonly refused: ReadonlySet<OptionName>
  readonly help: boolean
  readonly check: boolean
  /** An nginx configuration that shall be turned into options. */
  readonly fromNginx: string | undefined
  readonly mistakes: readonly string[]
}

const fromNginxFlag = '--from-nginx'
const switches = { help: { type: 'boolean', short: 'h' }, check: { type: 'boolean' } } as const

/** The parts that matter of what parseArgs makes of one flag. */
interface FlagToken {
  readonly rawName: string
  readonly value?: string | undefined
  /** Whether it was written `--flag=value`. */
  readonly inlineValue?: boolean | undefined
}

const nameOf = new Map(optionNames.map((name) => [options[name].flag as string, name]))
const knownFlags = [...nameOf.keys(), ...Object.keys(switches).map((name) => `--${name}`), fromNginxFlag]

/**
 * Splits the arguments into what was given for each option, without reading the values. util.parseArgs does not do this
 * strictly, as it would throw at the first mistake, and we tell all of them. `others` are flags that are known elsewhere.
 */
export function readCommandLine(argv: readonly string[], others: readonly string[] = []): CommandLine {
  const given = new Map<OptionName, string>()
  const refused = new Set<OptionName>()
  const mistakes: string[] = []
  let help = false
  let check = false
  let fromNginx: string | undefined
  // What follows a wrong flag is its value, most likely, and could be a secret: neither a mistake of its own, nor printed.
  let belongsToMistake = false

  for (const token of tokensOf(argv)) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional') {
      if (!belongsToMistake) mistakes.push(`"${token.value}" stands alone: an argument is a flag or its value`)
      belongsToMistake = false
      continue
    }
    if (token.rawName === fromNginxFlag) fromNginx = token.value ?? ''
    const name = nameOf.get(token.rawName)
    const mistake = name === undefined ? mistakenSwitch(token, others) : mistakenValue(name, token, given)
    belongsToMistake = mistake !== undefined && lacksValue(token)
    if (mistake !== undefined) {
      mistakes.push(mistake)
      if (name !== undefined) refused.add(name)
      continue
    }
    if (name !== undefined) given.set(name, joined(given.get(name), token.value ?? ''))
    if (token.name === 'help') help = true
    if (token.name === 'check') check = true
  }
  return { given, refused, help, check, fromNginx, mistakes }
}

function tokensOf(argv: readonly string[]) {
  const values = [...nameOf.keys(), fromNginxFlag].map(
    (flag) => [flag.slice(2), { type: 'string', multiple: true }] as const,
  )
  return parseArgs({
    args: [...argv],
    options: { ...Object.fromEntries(values), ...switches },
    strict: false,
    tokens: true,
  }).tokens
}

/** What is wrong with a flag that is no option's: nothing, if it is --help, --check or --from-nginx FILE. */
function mistakenSwitch(token: FlagToken, others: readonly string[]): string | undefined {
  const { rawName: flag, value } = token
  if (flag === '-h' || flag === '--help' || flag === '--check') {
    return value === undefined ? undefined : `${flag} takes no value`
  }
  if (flag === fromNginxFlag) {
    return lacksValue(token) ? `${flag} needs a value, FILE, for example ${flag} /etc/nginx/nginx.conf` : undefined
  }
  const secret = [options.token, options.formerToken, options.adminToken].find(
    ({ flag: file }) => file === `${flag}-file`,
  )
  if (secret) {
    const { flag: file, env } = secret
    return `${flag} is refused, because every user of this machine could read it: use ${file} FILE or the variable ${env}`
  }
  const guess = nearest(flag, [...knownFlags, ...others])
  return guess === undefined
    ? `${flag} is not known; --help lists what is`
    : `${flag} is not known; did you mean ${guess}?`
}

function mistakenValue(name: OptionName, token: FlagToken, given: ReadonlyMap<OptionName, string>): string | undefined {
  const { flag, example, metavar, repeatable } = options[name]
  if (lacksValue(token)) return `${flag} needs a value, ${metavar}, for example ${flag} ${example}`
  return given.has(name) && !repeatable ? `${flag} is there twice, and one of the two would be lost` : undefined
}

/** Not strict, the parser takes `--check` in `--listen --check` for the address. */
function lacksValue({ value, inlineValue }: FlagToken): boolean {
  return value === undefined || (!inlineValue && value.startsWith('--'))
}

function joined(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before},${value}`
}
