import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { failures } from '../../gateway/request/failure.ts'
import { startCluster } from './support/cluster.ts'
import { until } from './support/until.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const cluster = await startCluster(t, { tls: 'self-signed', flags: ['--slow-start=0s', '--allow-host=localhost'] })
const { rest, gateway, behind, url } = cluster
t.afterEach(() => rest.clear())

interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** What a real Prometheus would read. */
async function scraped(): Promise<Sample[]> {
  const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
  return Array.from(text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm), ([, name = '', labels = '', value]) => ({
    name,
    labels: Object.fromEntries(Array.from(labels.matchAll(/(\w+)="([^"]*)"/g), ([, key, text]) => [key, text])),
    value: Number(value),
  }))
}

const sum = (samples: readonly Sample[], name: string, labels: Sample['labels'] = {}): number =>
  samples
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
    .reduce((total, { value }) => total + value, 0)

/** One of everything that is counted. */
async function day(t: Test): Promise<void> {
  const { kernel } = await rest.newSession('a.ipynb')
  const socket = new WebSocket(`${url.replace('https', 'wss')}api/kernels/${kernel.id}/channels?token=${cluster.token}`)
  await once(socket, 'message')
  await rest.ask('GET', `api/kernels/${crypto.randomUUID()}`)
  await rest.ask('PUT', 'api/contents/a.txt', { type: 'file', format: 'text', content: 'x'.repeat(10_000) })
  await fetch(`https://127.0.0.1:${gateway.port}/api`).catch(() => undefined) // a name that is not allowed
  await until('the survey has the kernel', async () => sum(await scraped(), 'pyli_backend_kernels') === 1)
  const open = await scraped()
  t.equal(sum(open, 'pyli_websockets_open'), 1)
  t.ok(sum(open, 'pyli_backend_in_flight') >= 1)
  t.ok(sum(open, 'pyli_connections_open') >= 1)
  socket.terminate()
  await until('the socket is gone', async () => sum(await scraped(), 'pyli_websockets_open') === 0)
}

t.test('everything that happens moves its metric', async (t) => {
  const before = await scraped()
  await day(t)
  const after = await scraped()
  const grew = (name: string, labels: Sample['labels'] = {}) =>
    t.ok(sum(after, name, labels) > sum(before, name, labels), `${name} ${JSON.stringify(labels)}`)
  grew('pyli_exchanges_total', { route: 'sessions.create', class: '2xx' })
  grew('pyli_exchanges_total', { route: 'kernel', class: '4xx', status: '404' })
  grew('pyli_backend_head_seconds_count', { route: 'contents' })
  grew('pyli_backend_head_seconds_sum', { route: 'contents' })
  grew('pyli_first_byte_seconds_count', { route: 'contents' })
  grew('pyli_owner_lookups_total', { way: 'known' })
  grew('pyli_owner_lookups_total', { way: 'not_found' })
  grew('pyli_websockets_opened_total')
  grew('pyli_received_bytes_total')
  grew('pyli_sent_bytes_total')
  grew('pyli_tls_handshakes_total')
  grew('pyli_connections_opened_total')
  grew('pyli_refusals_total', { reason: 'misdirected' })
  grew('process_cpu_seconds_total')
  t.equal(sum(after, 'pyli_backend_state', { state: 'ready' }), behind.length)
  t.equal(sum(after, 'pyli_build_info'), 1)
  t.ok(sum(after, 'pyli_certificate_end_timestamp_seconds') > Date.now() / 1000)
  t.ok(sum(after, 'nodejs_eventloop_lag_p99_seconds') >= 0)
  t.ok(sum(after, 'process_resident_memory_bytes') > 10e6)
})

/** Metrics with the labels that are asked of them: `name{label=~"a|b"}`, `by (label)`. */
interface Selector {
  readonly name: string
  readonly labels: readonly (readonly [label: string, values: readonly string[]])[]
}

function selectorsIn(expression: string): Selector[] {
  const found = expression.matchAll(/\b((?:pyli|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)
  return Array.from(found, ([, name = '', labels = '']) => ({
    name,
    labels: Array.from(labels.matchAll(/(\w+)(?:=~|!~|!=|=)"([^"]*)"/g), ([, label = '', values = '']) => {
      return [label, values.split('|')] as const
    }),
  }))
}

const groupedBy = (expression: string): string[] =>
  Array.from(expression.matchAll(/\bby \(([^)]*)\)/g), ([, labels = '']) => labels.split(', ')).flat()

/** Added by Prometheus itself. */
const usual = ['instance', 'job']
const reasons = Object.keys(failures)

const dashboard = JSON.parse(readFileSync(join(ROOT, 'stack/grafana-dashboard.json'), 'utf8'))
const alerts = readFileSync(join(ROOT, 'stack/alerts.yml'), 'utf8')
const expressions = {
  dashboard: dashboard.panels.flatMap(({ targets = [] }: { targets?: { expr: string }[] }) =>
    targets.map((t) => t.expr),
  ),
  alerts: alerts
    .split(/^ {6}- alert: /m)
    .slice(1)
    .map((alert) => alert.slice(alert.indexOf('expr:'), alert.indexOf('labels:'))),
}

for (const [where, list] of Object.entries(expressions)) {
  t.test(`what the ${where} asks of Prometheus is there, with its labels and their values`, async (t) => {
    await day(t)
    const samples = await scraped()
    // A counter that nothing has moved yet has no samples.
    const described = new Set(await typesOf())
    t.ok(list.length > 10)
    for (const expression of list as string[]) {
      const selectors = selectorsIn(expression)
      t.ok(selectors.length > 0, expression)
      const known = new Set(usual)
      for (const { name, labels } of selectors) {
        const ofName = samples.filter((sample) => sample.name === name)
        t.ok(described.has(name.replace(/_(bucket|sum|count)$/, '')), name)
        for (const { labels } of ofName) for (const label of Object.keys(labels)) known.add(label)
        for (const [label, values] of labels) {
          if (usual.includes(label)) continue
          if (label === 'reason') for (const value of values) t.ok(reasons.includes(value), `${name}: ${value}`)
          else if (ofName.length > 0)
            t.ok(
              ofName.every(({ labels }) => label in labels),
              `${name} has ${label}`,
            )
        }
      }
      for (const label of groupedBy(expression)) t.ok(known.has(label), `${label} in ${expression}`)
    }
  })
}

/** Names of all metrics, whether they have samples or not. */
async function typesOf(): Promise<string[]> {
  const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
  return Array.from(text.matchAll(/^# TYPE (\S+) /gm), ([, name = '']) => name)
}

t.test('a colour of the dashboard stands for each state of a server', async (t) => {
  const states = new Set((await scraped()).flatMap(({ labels }) => labels.state ?? []))
  const asked = JSON.stringify(dashboard).matchAll(/state=\\"(\w+)\\"\} == 1/g)
  t.strictSame([...new Set(Array.from(asked, ([, state]) => state))].sort(), [...states].sort())
})
