import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import type { Results } from '../../bench/report/record.ts'

const main = join(import.meta.dirname, '..', '..', 'bench', 'main.ts')
const run = promisify(execFile)

t.setTimeout(120_000)

/** Nothing here is compared with a time: the machine of a test is anybody's. */
t.test('a short run of us and a peer prints a table and writes what it measured', async (t) => {
  const json = join(t.testdir(), 'results.json')
  const few = ['--only', 'get-small,upgrade', '--peers', 'http-proxy']
  const short = ['--quick', '--rounds', '1', '--seconds', '1', '--json', json]
  const { stdout } = await run(process.execPath, [main, ...few, ...short])
  t.match(stdout, /get-small tls +32 +µs\/request/)
  const { rows, versions } = JSON.parse(readFileSync(json, 'utf8')) as Results
  t.match(versions, { node: process.version, 'http-proxy': /^1\./ })
  t.same(
    rows.map(({ work, tls, connections }) => [work, tls, connections]),
    [
      ['get-small', false, 32],
      ['get-small', true, 32],
      ['upgrade', false, 32],
    ],
  )
  for (const { work, cost, ratio, latency } of rows) {
    t.same(Object.keys(cost), ['pyli', 'http-proxy'], work)
    t.ok(cost.pyli && cost.pyli.median > 0, 'something was spent')
    t.same(Object.keys(ratio), ['http-proxy'])
    t.ok(latency.pyli && latency.pyli.p50 > 0 && latency.pyli.p50 <= latency.pyli.p999)
  }
})

t.test('what cannot be meant is told in a sentence', async (t) => {
  await t.rejects(run(process.execPath, [main, '--only', 'nothing']), { code: 1, stderr: /there is no work "nothing"/ })
})
