import t from 'tap'
import type { Row } from '../../bench/report/record.ts'
import { memoryTableOf, short, speedTableOf, tableOf } from '../../bench/report/table.ts'

const spread = (median: number, about = 0.1) => ({ median, min: median - about, max: median + about })

const row: Row = {
  work: 'get-small',
  tls: true,
  connections: 32,
  unit: 'request',
  cost: { pyli: spread(50), nginx: spread(40), caddy: spread(100) },
  ratio: { nginx: spread(1.25), caddy: spread(1, 0.2) },
  throughput: { pyli: spread(20_000), nginx: spread(24_000), caddy: spread(9_000) },
  latency: { pyli: { p50: 1, p99: 2.5, p999: 12 } },
}

const memory: Row = {
  ...row,
  work: 'tunnel-memory',
  tls: false,
  unit: 'tunnel',
  cost: { pyli: spread(14) },
  ratio: {},
  latency: {},
}

t.test('the table shows us, each peer and the ratio, and calls a tie a tie', async (t) => {
  const lines = tableOf({ rows: [row, memory] }).split('\n')
  t.same(lines[0]?.split(/ {2,}/), ['work', 'conns', 'cost of', 'pyli', 'nginx', 'ratio', 'caddy', 'ratio'])
  t.same(lines[1]?.split(/ {2,}/), [
    'get-small tls',
    '32',
    'µs/request',
    '50.0 (49.9–50.1)',
    '40.0',
    '1.25',
    '100',
    '1.00 tie',
  ])
  t.match(lines[2], /^tunnel-memory +32 +KB\/tunnel +14\.0/, 'memory is no time')
  t.match(lines[2], /–$/, 'who did not take part has a dash')
})

t.test('how fast it was is told of works that have a latency', async (t) => {
  const lines = speedTableOf({ rows: [row, memory] })
    .trimEnd()
    .split('\n')
  t.equal(lines.length, 4)
  t.same(lines[1]?.split(/ {2,}/), [
    'get-small tls',
    '32',
    'pyli',
    '20,000 requests/s',
    '1.00 ms',
    '2.50 ms',
    '12.0 ms',
  ])
})

t.test('numbers have three digits', async (t) => {
  t.same([1.234, 12.34, 123.4, 12_345].map(short), ['1.23', '12.3', '123', '12,345'])
})

t.test('the memory of long transfers is told as the most of any round, of those works alone', async (t) => {
  const download: Row = { ...row, work: 'download', connections: 2, memory: { pyli: spread(8, 2), nginx: spread(1.5) } }
  const lines = memoryTableOf({ rows: [row, download] }).split('\n')
  t.same(lines[0]?.split(/ {2,}/), ['memory beyond rest, MiB', 'conns', 'pyli', 'nginx'])
  t.same(lines[1]?.split(/ {2,}/), ['download tls', '2', '10.0', '1.60'])
  t.equal(lines.length, 3)
})
