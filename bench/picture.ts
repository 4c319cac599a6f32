import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withPart } from '../gateway/config/made-part.ts'
import { pictureOf } from './report/picture.ts'
import { ratiosTable } from './report/ratios.ts'
import type { Results } from './report/record.ts'

// npm run bench:picture: the newest results of record as the picture and the table that the README shows.

const results = join(import.meta.dirname, 'results')
const root = join(import.meta.dirname, '..')

/** Called by their dates, so the last is the newest. */
const newest = readdirSync(results)
  .filter((name) => name.endsWith('.json'))
  .sort()
  .at(-1)
if (newest === undefined) {
  console.error('No results of record: npm run bench -- --json bench/results/DATE.json')
  process.exit(1)
}
const record = JSON.parse(readFileSync(join(results, newest), 'utf8')) as Results
writeFileSync(join(root, 'docs', 'bench.svg'), pictureOf(record))
const readme = join(root, 'README.md')
writeFileSync(readme, withPart(readFileSync(readme, 'utf8'), { name: 'bench', make: () => ratiosTable(record) }))
console.log(`docs/bench.svg and the README's table are made of bench/results/${newest}`)
