import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { withPart } from '../../gateway/config/made-part.ts'
import type { Time } from './support/times.ts'

const FILE = join(import.meta.dirname, '..', '..', 'stack', 'README.md')

/** Puts what was measured in place of what was measured before. */
export function writeTable(times: readonly Time[]): void {
  writeFileSync(FILE, withPart(readFileSync(FILE, 'utf8'), { name: 'lab', make: () => table(times) }))
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
