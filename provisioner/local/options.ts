import { resolve } from 'node:path'
import type { Config } from '../../gateway/config/config.ts'
import { count } from '../../gateway/config/forms/quantity.ts'
import { fallbackText, program } from '../../gateway/config/help.ts'
import {
  type Option as GatewayOption,
  options as gatewayOptions,
  type OptionName,
  optionNames,
} from '../../gateway/config/options.ts'
import { parseConfig } from '../../gateway/config/parse.ts'
import { splitArgs } from './split-args.ts'
import { Trouble } from './trouble.ts'

export interface LocalOptions {
  readonly servers: number
  /** Undefined for the folder within stateDir, which is made with an example in it. */
  readonly notebooks: string | undefined
  readonly python: string | undefined
  readonly stateDir: string
  /** As the gateway will read it, except for its backends, which do not run yet. */
  readonly config: Config
  /** Somebody said where the private side is: then no other port will do. */
  readonly adminIsChosen: boolean
  /** Somebody asked for a log: then it goes to the terminal and not into a file. */
  readonly logToTerminal: boolean
  /** For the gateway, as they were given. Where it listens is not among them: config tells that. */
  readonly gatewayArgs: readonly string[]
}

interface Option {
  readonly metavar: string
  readonly about: string
}

const ours = {
  servers: { metavar: 'N', about: 'how many Jupyter servers, 1 to 16 (default 2)' },
  notebooks: { metavar: 'DIR', about: 'the folder that all of them serve (default: one in .pyli, with an example)' },
  python: { metavar: 'PATH', about: 'the Python to make the private environment from (default: the one on PATH)' },
  state: { metavar: 'DIR', about: 'where all that is made is kept (default .pyli)' },
} as const satisfies Readonly<Record<string, Option>>

/** Settled before the gateway starts: another free port may have to take the place of the one that was given. */
const settled = ['listen', 'admin'] as const

/** Given to the gateway by us: another value would only bring it out of step with the servers. */
const reserved: Readonly<Record<string, string>> = {
  backends: 'the servers that it starts',
  options: 'each option as it was given here',
  'token-file': 'the token that its servers share',
  'admin-token-file': 'the token of .pyli/secrets/admin-token',
  'tls-dir': 'the folder that keeps the certificate between two starts',
}
/** Of no use to backends that are named one by one. */
const useless = ['dns-server']

/** Those of the gateway that a newcomer may want first. */
const mostWanted: readonly OptionName[] = ['listen', 'admin', 'baseUrl', 'tls', 'tlsNames', 'log']

const servers = count({ least: 1, most: 16 })
const ANY_BACKEND = '--backends=static:127.0.0.1:1'

/** Reads the command line; throws one Trouble that names all mistakes, the gateway's among them. */
export function parseLocalOptions(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  usualStateDir: string,
): LocalOptions {
  const { values, rest, mistakes } = splitArgs(args, [...Object.keys(ours), ...settled, ...Object.keys(reserved)])

  for (const [name, what] of Object.entries(reserved)) {
    if (values.has(name)) mistakes.push(`--${name} is not yours to say here: pyli local gives the gateway ${what}`)
  }
  const reading = servers.read(values.get('servers') ?? '2')
  if ('must' in reading) mistakes.push(`--servers must ${reading.must}, for example --servers 3`)
  const places = settled.flatMap((name) => (values.has(name) ? [`--${name}=${values.get(name)}`] : []))
  const toGateway = [...rest, ...places, ANY_BACKEND]
  const parsed = parseConfig(toGateway, forGateway(environment), () => '', Object.keys(ours).map(flagged))
  if (parsed.ok === false) mistakes.push(...parsed.mistakes)
  else if (parsed.ok !== true) mistakes.push(`--check is for the gateway by itself: ${program} --check …`)
  if (mistakes.length > 0 || 'must' in reading || parsed.ok !== true) throw new Trouble(toldOnce(mistakes))

  const folder = (name: keyof typeof ours) => {
    const given = values.get(name)
    return given === undefined ? undefined : resolve(given)
  }
  const isGiven = (name: OptionName) => Boolean(environment[gatewayOptions[name].env])
  return {
    servers: reading.value,
    notebooks: folder('notebooks'),
    python: values.get('python'),
    stateDir: folder('state') ?? usualStateDir,
    config: parsed.config,
    adminIsChosen: values.has('admin') || isGiven('admin'),
    logToTerminal: rest.some((arg) => /^--log(=|$)/.test(arg)) || isGiven('log'),
    gatewayArgs: rest,
  }
}

/** The user's environment without what is ours to say: those variables are meant for another gateway. */
export function forGateway(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PYLI_OPTIONS, PYLI_TOKEN, PYLI_ADMIN_TOKEN, PYLI_BACKENDS, PYLI_TLS_DIR, ...others } = environment
  return others
}

/** All mistakes, and where the options are told unless one of them says what to do about an unknown one. */
function toldOnce(mistakes: readonly string[]): string {
  const isTold = mistakes.some((mistake) => /--help|did you mean/.test(mistake))
  return [...mistakes, ...(isTold ? [] : ['--help tells all options'])].join('\n')
}

const flagged = (name: string): string => `--${name}`

export function help(): string {
  const mine = Object.entries(ours).map(([name, { metavar, about }]) => `  --${name} ${metavar}\n      ${about}`)
  const taken = new Set([...Object.keys(ours), ...Object.keys(reserved), ...useless].map(flagged))
  const passedOn = optionNames.filter((name) => !taken.has(gatewayOptions[name].flag))
  const others = passedOn.filter((name) => !mostWanted.includes(name))
  return `Usage: npm start -- [options]        or: pyli local [options]

Starts real Jupyter servers on this machine, and before them the gateway that makes them answer as one.
What is made for it is kept in .pyli: the Python environment, notebooks, token, certificate, logs.

${mine.join('\n')}

All other options go to the gateway as they are. Most often wanted:

${mostWanted.map((name) => `${inShort(name)}\n      ${gatewayOptions[name].about}`).join('\n')}

A second one on this machine needs a --state DIR and a --listen HOST:PORT of its own; --admin takes a free port itself.
Without --log the gateway's log goes to .pyli/log. Its other options:

${others.map(inShort).join('\n')}

${program} --help says what they do, and README.md, too.`
}

function inShort(name: OptionName): string {
  const option = gatewayOptions[name] as GatewayOption<unknown>
  const fallback = fallbackText(option)
  return `  ${option.flag} ${option.metavar}${fallback === '' ? '' : ` (default ${fallback})`}`
}
