import t from 'tap'
import { Continuity } from '../../gateway/observe/continuity.ts'
import { counter, gauge, type MetricsJson, mergeMetrics, metricsText, sample } from '../../gateway/observe/metrics.ts'
import { ProcessMetrics, soundly, version } from '../../gateway/observe/process-metrics.ts'
import { Tally } from '../../gateway/observe/tally.ts'
import { tallyMetrics } from '../../gateway/observe/tally-metrics.ts'

const oneOf = (metrics: MetricsJson, name: string) => metrics.find((metric) => metric.name === name)?.values[0]?.value

function histogramOf(milliseconds: number): MetricsJson {
  const tally = new Tally()
  const headMs = milliseconds
  tally.ended({ route: 'a', status: 200, headMs, firstByteMs: 1, bytesIn: 0, bytesOut: 0, failure: undefined })
  return tallyMetrics({ tally, lookups: {}, webSockets: { opened: 0, bytesIn: 0, bytesOut: 0 }, droppedLines: 0 })
}

t.test('workers together: counters are summed, gauges are merged as each of them says', async (t) => {
  const view = (value: number) => [
    counter('c_total', 'c', [sample(value, { a: 'x' })]),
    gauge('worst', 'g', [sample(value)]),
    gauge('soonest', 'g', [sample(value)], 'min'),
  ]
  const merged = await mergeMetrics([view(1), view(3), []])
  t.same(
    ['c_total', 'worst', 'soonest'].map((name) => oneOf(merged, name)),
    [4, 3, 1],
  )
})

t.test('histograms of workers become one, and its text is Prometheus’', async (t) => {
  const merged = await mergeMetrics([histogramOf(3), histogramOf(30)])
  const text = await metricsText(JSON.parse(JSON.stringify(merged)))
  t.match(text, /^# TYPE pyli_backend_head_seconds histogram$/m)
  t.match(text, /^pyli_backend_head_seconds_bucket\{le="0\.005",route="a"\} 1$/m)
  t.match(text, /^pyli_backend_head_seconds_bucket\{le="\+Inf",route="a"\} 2$/m)
  t.match(text, /^pyli_backend_head_seconds_sum\{route="a"\} 0\.033$/m)
  t.match(text, /^pyli_exchanges_total\{route="a",class="2xx",status="200"\} 2$/m)
  t.notMatch(text, /null|NaN|undefined/)
})

t.test('a process tells what it is and takes, in numbers that JSON holds', async (t) => {
  const processMetrics = new ProcessMetrics()
  await processMetrics.read()
  // Twice at once: the second finds a lag of which nothing was seen yet.
  const all = await processMetrics.read()
  t.match(all.find(({ name }) => name === 'pyli_build_info')?.values, [{ value: 1, labels: { version, node: /^v\d/ } }])
  for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'process_open_fds']) {
    t.ok(Number(oneOf(all, name)) > 0, name)
  }
  t.type(oneOf(all, 'nodejs_eventloop_lag_p99_seconds'), 'number')
  for (const { name, values } of all)
    t.ok(
      values.every(({ value }) => Number.isFinite(value)),
      name,
    )
})

t.test('the pause between two looks at the event loop is no lag, and what is no number is not told', async (t) => {
  const lag = gauge(
    'nodejs_eventloop_lag_p99_seconds',
    'l',
    [0.52, 0.019, Number.NaN].map((value) => sample(value)),
  )
  t.match(
    soundly(lag).values.map(({ value }) => value),
    [0.5, 0],
  )
  t.equal(soundly(gauge('process_max_fds', 'f', [sample(8)])).aggregator, 'min')
})

t.test('a counter goes on when a worker ended that had a part of it', async (t) => {
  const continuity = new Continuity()
  const told = (value: number) =>
    oneOf(continuity.metrics([counter('c_total', 'c', [sample(value, { a: 'x' })])]), 'c_total')
  t.equal(told(10), 10)
  t.equal(told(4), 10, 'six went with it')
  t.equal(told(5), 11)
  t.equal(told(1), 11)
  t.equal(told(3), 13)
  const [state] = continuity.metrics([gauge('g', 'g', [sample(3)])])
  t.equal(state?.values[0]?.value, 3)
  t.equal(oneOf(continuity.metrics([gauge('g', 'g', [sample(1)])]), 'g'), 1, 'a gauge may fall')
})
