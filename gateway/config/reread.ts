import type { Config } from './config.ts'
import { type OptionName, optionNames } from './options.ts'
import { rules } from './rules.ts'

/** What can change while the gateway runs. All else holds until a restart. */
const renewable: ReadonlySet<OptionName> = new Set<OptionName>([
  'token',
  'formerToken',
  'adminToken',
  'backends',
  'dnsServers',
  'trust',
  'bodyLimit',
  'modelLimit',
  'answerTimeout',
  'upgradeTimeout',
  'headTimeout',
  'bodyTimeout',
  'idleTimeout',
  'sendTimeout',
])

export interface Changes {
  readonly now: readonly OptionName[]
  readonly afterRestart: readonly OptionName[]
}

/** What holds from now on, when `after` has been read while `running` holds. */
export function renewed(running: Config, after: Config): Config {
  const taken = [...renewable].map((name) => [name, after[name]] as const)
  return { ...running, ...Object.fromEntries(taken) }
}

/**
 * Why that may not be: both are sound by themselves, but of what changed together only a part can be taken over. (Without
 * a token for operators, and with the Portainer that stays until a restart, that would stand open to everybody.)
 */
export function misfits(next: Config): string[] {
  const found = rules.flatMap(({ mistake }) => mistake(next) ?? [])
  return found.map((mistake) => `with what cannot change before a restart, ${mistake}`)
}

/**
 * What differs when arguments and environment, which cannot change while a process runs, and the files that they name
 * are read anew.
 */
export function changesBetween(before: Config, after: Config): Changes {
  const changed = optionNames.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
  return {
    now: changed.filter((name) => renewable.has(name)),
    afterRestart: changed.filter((name) => !renewable.has(name)),
  }
}
