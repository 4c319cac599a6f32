import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { pictureOf } from '../../bench/report/picture.ts'
import { ratiosTable } from '../../bench/report/ratios.ts'
import type { Results, Row } from '../../bench/report/record.ts'

const one = (median: number) => ({ median, min: median * 0.9, max: median * 1.1 })

const row: Row = {
  work: 'get-small',
  tls: true,
  connections: 32,
  unit: 'request',
  cost: {},
  ratio: { nginx: one(2), caddy: one(0.5) },
  throughput: {},
  latency: {},
}
const results: Results = { machine: '2 × <fast>', date: '2026-11-27T10:00:00Z', rounds: 5, versions: {}, rows: [row] }

const placesOf = (picture: string) =>
  Array.from(picture.matchAll(/<path [^>]*translate\(([\d.]+) ([\d.]+)\)/g), ([, x, y]) => ({
    x: Number(x),
    y: Number(y),
  }))

t.test('each work is a line with a mark for each peer, left of the middle where ours is cheaper', async (t) => {
  const picture = pictureOf(results)
  t.match(picture, '>get-small tls, 32</text>')
  t.match(picture, 'spread of 5 rounds on 2 × &lt;fast>')
  const [nginxLegend, caddyLegend, nginx, caddy] = placesOf(picture)
  t.equal(nginxLegend?.y, caddyLegend?.y)
  t.equal(nginx?.y, caddy?.y)
  const middle = Number(/class="one" x1="([\d.]+)"/.exec(picture)?.[1])
  t.ok((nginx?.x ?? 0) > middle, 'twice as much')
  t.ok((caddy?.x ?? 0) < middle, 'half as much')
  t.equal((nginx?.x ?? 0) - middle, middle - (caddy?.x ?? 0), 'twice and half are as far from the middle')
})

t.test('what is far beyond the scale stands at its edge, and who did not take part has no mark', async (t) => {
  const far = { ...row, ratio: { nginx: one(900) } }
  const places = placesOf(pictureOf({ ...results, rows: [row, far] }))
  t.equal(places.length, 2 + 2 + 1)
  t.ok((places.at(-1)?.x ?? Number.NaN) < 860)
})

t.test('the table for people tells what ours costs, and each ratio', async (t) => {
  const measured = {
    ...results,
    versions: { nginx: '1.22', caddy: '2.6' },
    rows: [{ ...row, cost: { pyli: one(70) } }],
  }
  const [told, , head, , line] = ratiosTable(measured).split('\n')
  t.match(told, 'Measured 2026-11-27 on 2 × <fast>; 5 rounds; nginx 1.22, caddy 2.6.')
  t.equal(head, '| work, connections | ours | to nginx | to caddy |')
  t.equal(line, '| get-small tls, 32 | 70.0 µs/request | 2.00 | 0.50 |')
})

t.test('the README shows the newest results of record', async (t) => {
  const root = new URL('../../', import.meta.url)
  const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
  const newest = readdirSync(new URL('bench/results/', root)).sort().at(-1)
  const record = JSON.parse(read(`bench/results/${newest}`)) as Results
  t.equal(read('docs/bench.svg'), pictureOf(record), 'npm run bench:picture')
  t.ok(read('README.md').includes(ratiosTable(record)), 'npm run bench:picture')
})
