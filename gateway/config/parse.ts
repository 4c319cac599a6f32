import { type CommandLine, readCommandLine } from './command-line.ts'
import type { Config } from './config.ts'
import { type Option, type OptionName, optionNames, options, required } from './options.ts'
import { readOptionsFile } from './options-file.ts'
import { rules } from './rules.ts'

export type Parsed =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: 'help' }
  /** Sound, and only to be shown, see show.ts. */
  | { readonly ok: 'check'; readonly config: Config }
  /** An nginx configuration that shall be turned into options, see from-nginx/. */
  | { readonly ok: 'from-nginx'; readonly file: string }
  | { readonly ok: false; readonly mistakes: readonly string[] }

export type Environment = Readonly<Record<string, string | undefined>>

/** Where the value of one option may come from. */
interface Given {
  readonly argument: string | undefined
  /** With the file that it stands in, if it is none of the environment. */
  readonly variable: { readonly text: string; readonly file?: string } | undefined
  readonly readFile: (path: string) => string
}

type Outcome<T> = { readonly value: T } | { readonly mistake: string }

/**
 * From arguments and environment to a configuration, or to all that is wrong with them. A flag goes before its variable,
 * which goes before the default. A variable in the file of options goes before the same one in the environment: the file
 * can be changed while the gateway runs, and what it says must then be so. An empty variable counts as not set, because
 * compose files and unit files cannot unset one.
 * `others` are flags of another program that passes the rest on to us: what was meant for one of them is told as such.
 */
export function parseConfig(
  argv: readonly string[],
  env: Environment,
  readFile: (path: string) => string,
  others: readonly string[] = [],
): Parsed {
  const line = readCommandLine(argv, others)
  if (line.help) return { ok: 'help' }
  if (line.fromNginx !== undefined) return alone(line, line.fromNginx)

  const { file, variables, mistakes: misread } = optionsFile(line, env, readFile)
  const variable = (name: string) => {
    const inFile = variables.get(name)
    if (inFile) return { text: inFile, file }
    const text = env[name]
    return text ? { text } : undefined
  }
  const mistakes = [...line.mistakes, ...misread]
  const values = new Map<OptionName, unknown>()
  for (const name of optionNames) {
    if (line.refused.has(name)) continue
    const option = options[name] as Option<unknown>
    const outcome = resolve(option, { argument: line.given.get(name), variable: variable(option.env), readFile })
    if ('mistake' in outcome) mistakes.push(outcome.mistake)
    else values.set(name, outcome.value)
  }

  // The table has every key of Config and each form gives the type of its key, which a loop cannot tell the compiler.
  const config = Object.fromEntries(values) as unknown as Config
  for (const { about, mistake } of rules) {
    const found = about.every((name) => values.has(name)) ? mistake(config) : undefined
    if (found !== undefined) mistakes.push(found)
  }
  if (mistakes.length > 0) return { ok: false, mistakes }
  return { ok: line.check ? 'check' : true, config }
}

/** Its options are to be found, so none is given. */
function alone({ check, given, mistakes }: CommandLine, file: string): Parsed {
  if (mistakes.length > 0) return { ok: false, mistakes }
  if (check && given.size === 0) return { ok: 'from-nginx', file }
  return { ok: false, mistakes: [`--from-nginx stands with --check alone: --check --from-nginx ${file}`] }
}

function resolve<T>(option: Option<T>, { argument, variable, readFile }: Given): Outcome<T> {
  if (argument !== undefined && option.secret) return readSecret(option, argument, readFile)
  if (argument !== undefined) return read(option, argument, `${option.flag} `)
  if (variable) {
    const { text, file } = variable
    const reading = read(option, option.secret ? text.trim() : text, `${option.env}=`)
    return 'mistake' in reading && file !== undefined ? { mistake: `${file}: ${reading.mistake}` } : reading
  }
  if (option.fallback === required) {
    return {
      mistake: `${option.flag} is needed, for example ${option.flag} ${option.example} (or ${option.env} in the environment)`,
    }
  }
  // Only the form of an option that may be left out has a fallback that is undefined.
  if (option.fallback === undefined) return { value: undefined as T }
  return read(option, option.fallback, `${option.flag} `)
}

/** What the file says that is named by flag or variable; nothing, if there is none. */
function optionsFile({ given }: CommandLine, env: Environment, readFile: (path: string) => string) {
  const option = options.optionsFile
  const file = given.get('optionsFile') || env[option.env] || ''
  if (file === '') return { file, variables: new Map<string, string>(), mistakes: [] }
  try {
    return { file, ...readOptionsFile(file, readFile(file)) }
  } catch (error) {
    return { file, variables: new Map<string, string>(), mistakes: [unreadable(option, file, error)] }
  }
}

/** `written` is how the place begins where the text stood: `--rise ` or `PYLI_RISE=`. */
function read<T>({ form, example, secret }: Option<T>, text: string, written: string): Outcome<T> {
  const reading = form.read(text)
  if ('value' in reading) return reading
  const instead = secret ? '' : `, for example ${written}${example}; got ${JSON.stringify(text)}`
  return { mistake: `${written.slice(0, -1)} must ${reading.must}${instead}` }
}

function readSecret<T>(option: Option<T>, path: string, readFile: (path: string) => string): Outcome<T> {
  try {
    const text = readFile(path).trim()
    // Whoever names a file means a secret: this one is being written, or was lost.
    if (text === '')
      return { mistake: `${option.flag} must name a file that holds a secret; ${JSON.stringify(path)} is empty` }
    return read(option, text, `${option.flag} `)
  } catch (error) {
    return { mistake: unreadable(option, path, error) }
  }
}

function unreadable(
  { flag, example }: Pick<Option<unknown>, 'flag' | 'example'>,
  path: string,
  error: unknown,
): string {
  const reason = (error as NodeJS.ErrnoException).code ?? String(error)
  return `${flag} must name a file that can be read, for example ${flag} ${example}; got ${JSON.stringify(path)} (${reason})`
}
