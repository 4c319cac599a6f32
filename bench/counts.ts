import { parseArgs } from 'node:util'

export interface Count {
  readonly usually: number
  readonly about: string
}

/** A bench whose options are numbers and nothing else. */
export interface Use<Name extends string> {
  /** As npm calls it. */
  readonly script: string
  readonly about: string
  readonly counts: Readonly<Record<Name, Count>>
}

/** What the command line says; for --help, and where something cannot be meant, tells how it is used and ends. */
export function countsOrEnd<Name extends string>(use: Use<Name>): Record<Name, number> {
  try {
    const counts = countsOf(process.argv.slice(2), use)
    if (counts !== 'help') return counts
    process.stdout.write(helpOf(use))
    process.exit()
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exit(1)
  }
}

/** Throws with a sentence for what cannot be meant. */
export function countsOf<Name extends string>(
  args: readonly string[],
  { counts }: Use<Name>,
): Record<Name, number> | 'help' {
  const names = Object.keys(counts) as Name[]
  const text = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  const { values } = parseArgs({ args: [...args], options: { ...text, help: { type: 'boolean' } } })
  if (values.help) return 'help'
  const given = values as Partial<Record<Name, string>>
  const numbers = names.map((name) => [name, numberOf(`--${name}`, given[name], counts[name].usually, 1_000_000)])
  return Object.fromEntries(numbers) as Record<Name, number>
}

export function helpOf<Name extends string>({ script, about, counts }: Use<Name>): string {
  const rows = Object.entries<Count>(counts).map(
    ([name, { usually, about }]) => `  ${`--${name} COUNT`.padEnd(21)} ${about} (${usually})\n`,
  )
  const options = rows.length > 0 ? ` [-- OPTIONS]      ${about}\n\n` : `      ${about}\n`
  return `npm run ${script}${options}${rows.join('')}`
}

export function numberOf(flag: string, text: string | undefined, usually: number, most = 3_600): number {
  if (text === undefined) return usually
  const number = Number(text)
  if (!(number > 0) || number > most) throw new Error(`${flag} must be a number above 0, got "${text}"`)
  return number
}
