import type { Config } from './config.ts'
import { type OptionName, optionNames } from './options.ts'

/** What has a use at once when its file is read again. All else holds until a restart. */
const renewable: ReadonlySet<OptionName> = new Set(['token'])

export interface Changes {
  readonly now: readonly OptionName[]
  readonly afterRestart: readonly OptionName[]
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
