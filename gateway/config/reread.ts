import type { Config } from './config.ts'
import { type OptionName, optionNames } from './options.ts'

/** What can change while the gateway runs. All else holds until a restart. */
const renewable: ReadonlySet<OptionName> = new Set<OptionName>([
  'token',
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
