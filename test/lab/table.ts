import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Time } from './support/times.ts'

const FILE = join(import.meta.dirname, '..', '..', 'stack', 'README.md')
const [BEGIN, END] = ['<!-- lab:begin -->', '<!-- lab:end -->']

/** Puts what was measured in place of what was measured before. */
export function writeTable(times: readonly Time[]): void {
  const present = existsSync(FILE) ? readFileSync(FILE, 'utf8') : `${BEGIN}\n${END}\n`
  const [from, to] = [present.indexOf(BEGIN), present.indexOf(END)]
  if (from < 0 || to < from) throw new Error(`${FILE} has no place for the table: ${BEGIN} and ${END}`)
  writeFileSync(FILE, `${present.slice(0, from)}${BEGIN}\n${table(times)}${present.slice(to)}`)
}

export function table(times: readonly Time[]): string {
  const machine = `${cpus().length} processors and ${Math.round(totalmem() / 2 ** 30)} GiB for all three machines`
  const rows = times.map(({ what, seconds }) => `| ${what} | ${seconds} s |`)
  return [
    `Measured by \`npm run test:lab\` on ${new Date().toISOString().slice(0, 10)}, ${machine}.`,
    '',
    '| | |',
    '|---|---|',
    ...rows,
    '',
  ].join('\n')
}
