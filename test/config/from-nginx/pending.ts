import { optionNames, options } from '../../../gateway/config/options.ts'

/** Options that the table names and that may not have landed yet. Each leaves this list when it has. */
const awaited: readonly string[] = [
  '--allow-host',
  '--body-limit',
  '--connections',
  '--connections-per-client',
  '--dns-server',
  '--login-attempts',
  '--body-timeout',
  '--exchanges-per-backend',
  '--head-timeout',
  '--hsts',
  '--idle-timeout',
  '--proxy-protocol',
  '--redirect',
  '--send-timeout',
  '--trust',
]

export const isKnown = (flag: string): boolean => optionNames.some((name) => options[name].flag === flag)
export const pending = awaited.filter((flag) => !isKnown(flag))

/** Arguments without those that no option takes yet. */
export function withoutPending(argv: readonly string[]): string[] {
  return argv.flatMap((word, index) =>
    index % 2 === 0 && !pending.includes(word) ? [word, argv[index + 1] as string] : [],
  )
}
