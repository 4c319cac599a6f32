import { counter, gauge, type Labels, type MetricJson, type MetricsJson, type Sample, sample } from './metrics.ts'
import { bounds, type RouteTally, type Spread, type Tally } from './tally.ts'

/** What is counted elsewhere, where it happens. */
export interface Counts {
  readonly tally: Tally
  /** Look-ups of who has what, by the way that answered them. */
  readonly lookups: Readonly<Record<string, number>>
  /** Bytes of the tunnels that are open count as they pass, those of other exchanges when these end. */
  readonly webSockets: { readonly opened: number; readonly bytesIn: number; readonly bytesOut: number }
  readonly files?: FileCounts | undefined
  readonly droppedLines: number
}

/** Of the files that are kept in memory. */
export interface FileCounts {
  readonly hits: number
  readonly misses: number
  readonly bytes: number
}

const noFiles: FileCounts = { hits: 0, misses: 0, bytes: 0 }

/** What has been since the process began. */
export function tallyMetrics({ tally, lookups, webSockets, files = noFiles, droppedLines }: Counts): MetricsJson {
  const { routes, refusals, handshakes, connections, connectionsClosed } = tally
  return [
    counter('pyli_exchanges_total', 'Exchanges that have ended, by route and status.', statuses(routes)),
    histogram(
      'pyli_backend_head_seconds',
      "Time from a request's way to its backend to the head of the answer.",
      routes,
      ({ head }) => head,
    ),
    histogram(
      'pyli_first_byte_seconds',
      "Time from a request's head to that of the answer, all waiting included.",
      routes,
      ({ firstByte }) => firstByte,
    ),
    counter('pyli_refusals_total', 'Requests that were refused or failed, by reason.', each('reason', refusals)),
    counter(
      'pyli_owner_lookups_total',
      'Look-ups of the backend that has a kernel, session or terminal, by the way that answered them.',
      each('way', Object.entries(lookups)),
    ),
    counter('pyli_websockets_opened_total', 'WebSockets that were opened.', [sample(webSockets.opened)]),
    counter('pyli_received_bytes_total', 'Bytes of bodies and WebSockets that came from clients.', [
      sample(tally.bytesIn + webSockets.bytesIn),
    ]),
    counter('pyli_sent_bytes_total', 'Bytes of bodies and WebSockets that went to clients.', [
      sample(tally.bytesOut + webSockets.bytesOut),
    ]),
    counter(
      'pyli_tls_handshakes_total',
      'TLS handshakes with clients: full, resumed from an earlier session, or failed.',
      each('outcome', Object.entries(handshakes)),
    ),
    counter('pyli_connections_opened_total', 'Connections of clients, also those that were turned away.', [
      sample(connections),
    ]),
    gauge(
      'pyli_connections_open',
      'Connections of clients that are open.',
      [sample(connections - connectionsClosed)],
      'sum',
    ),
    counter(
      'pyli_static_files_total',
      "Requests for files of Jupyter's pages that name their content: answered from memory, or asked of a server.",
      each('outcome', [
        ['hit', files.hits],
        ['miss', files.misses],
      ]),
    ),
    gauge('pyli_static_files_bytes', 'Memory of the files that are kept.', [sample(files.bytes)], 'sum'),
    counter('pyli_log_lines_dropped_total', 'Lines of the log that nobody read in time.', [sample(droppedLines)]),
  ]
}

function statuses(routes: Tally['routes']): Sample[] {
  return [...routes].flatMap(([route, { byStatus }]) =>
    Array.from(byStatus, ([counted, count]) => sample(count, { route, ...statusLabels(counted) })),
  )
}

/** As RouteTally counts it. With its class, which is what rules and graphs ask for, and which makes no more series. */
function statusLabels(counted: number): { class: string; status: string } {
  if (counted === 0) return { class: 'none', status: 'none' }
  if (counted < 10) return { class: `${counted}xx`, status: 'other' }
  return { class: `${(counted / 100) | 0}xx`, status: String(counted) }
}

function each(label: string, counts: Iterable<[string, number]>): Sample[] {
  return Array.from(counts, ([name, count]) => sample(count, { [label]: name }))
}

function histogram(name: string, help: string, routes: Tally['routes'], of: (row: RouteTally) => Spread): MetricJson {
  const values = [...routes].flatMap(([route, row]) => spread(name, { route }, of(row)))
  return { name, help, type: 'histogram', aggregator: 'sum', values }
}

/** Prometheus counts each bucket with all those below it. */
function spread(name: string, labels: Labels, { counts, sum }: Spread): Sample[] {
  let total = 0
  const buckets = counts.map((count, place): Sample => {
    total += count
    return { metricName: `${name}_bucket`, value: total, labels: { le: bounds[place] ?? '+Inf', ...labels } }
  })
  if (total === 0) return []
  return [
    ...buckets,
    { metricName: `${name}_sum`, value: sum, labels },
    { metricName: `${name}_count`, value: total, labels },
  ]
}
