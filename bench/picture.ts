import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pictureOf } from './report/picture.ts'
import type { Results } from './report/record.ts'

// npm run bench:picture: the newest results of record as the picture that the README shows.

const results = join(import.meta.dirname, 'results')
/** Called by their dates, so the last is the newest. */
const newest = readdirSync(results)
  .filter((name) => name.endsWith('.json'))
  .sort()
  .at(-1)
if (newest === undefined) {
  console.error('No results of record: npm run bench -- --json bench/results/DATE.json')
  process.exit(1)
}
const picture = pictureOf(JSON.parse(readFileSync(join(results, newest), 'utf8')) as Results)
writeFileSync(join(import.meta.dirname, '..', 'docs', 'bench.svg'), picture)
console.log(`docs/bench.svg is made of bench/results/${newest}`)
