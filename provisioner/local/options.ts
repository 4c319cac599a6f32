import { resolve } from 'node:path'
import type { Config } from '../../gateway/config/config.ts'
import { count } from '../../gateway/config/forms/quantity.ts'
import { options as gatewayOptions, type OptionName } from '../../gateway/config/options.ts'
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
  'token-file': 'the token that its servers share',
  'tls-dir': 'the folder that keeps the certificate between two starts',
}

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
  const parsed = parseConfig([...rest, ...places, ANY_BACKEND], forGateway(environment), () => '')
  if (parsed.ok === false) mistakes.push(...parsed.mistakes)
  if (mistakes.length > 0 || 'must' in reading || !('config' in parsed)) {
    throw new Trouble([...mistakes, '--help tells all options'].join('\n'))
  }

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
  const { PYLI_TOKEN, PYLI_BACKENDS, PYLI_TLS_DIR, ...others } = environment
  return others
}

export function help(): string {
  const mine = Object.entries(ours).map(([name, { metavar, about }]) => [`--${name} ${metavar}`, about])
  const theirs = (['listen', 'baseUrl', 'tls', 'tlsNames', 'log'] as const).map((name) => {
    const { flag, metavar, about } = gatewayOptions[name]
    return [`${flag} ${metavar}`, about]
  })
  const list = (rows: string[][]) => rows.map(([flag, about]) => `  ${flag}\n      ${about}`).join('\n')
  return `Usage: npm start -- [options]        or: pyli local [options]

Starts real Jupyter servers on this machine, and before them the gateway that makes them answer as one.
What is made for it is kept in .pyli: the Python environment, notebooks, token, certificate, logs.

${list(mine)}

All other options go to the gateway as they are. Most often wanted:

${list(theirs)}

node gateway/main.ts --help tells the rest. Without --log its log goes to .pyli/log.`
}
