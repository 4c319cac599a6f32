import { counter, gauge, type MetricJson, type MetricsJson, type Sample, sample } from '../observe/metrics.ts'
import { admits, type State } from '../pool/states.ts'
import type { BackendOverview, Overview } from './overview.ts'

const states = Object.keys(admits) as State[]

/** What is true now, told from the same view that operators see: nothing is counted twice. */
export function overviewMetrics(overview: Overview): MetricsJson {
  const { backends, webSockets, workers, restarts, ending, certificate } = overview
  return [
    gauge('pyli_backend_state', 'One for the state that a backend is in, zero for the others.', stateSet(backends)),
    ofBackends('pyli_backend_in_flight', 'Exchanges under way, WebSockets among them.', backends, (b) => b.inFlight),
    ofBackends('pyli_backend_kernels', 'Kernels of each backend.', backends, (b) => b.kernels.length),
    gauge('pyli_websockets_open', 'WebSockets that are open.', [sample(webSockets)]),
    gauge('pyli_workers', 'Processes that serve together.', [sample(workers)]),
    counter('pyli_worker_restarts_total', 'Workers that ended and were replaced.', [sample(restarts)]),
    gauge(
      'pyli_certificate_end_timestamp_seconds',
      'When the certificate ends that new connections are shown, in seconds since 1970.',
      certificate ? [sample(Date.parse(certificate.notAfter) / 1000)] : [],
    ),
    gauge(
      'pyli_certificate_refused',
      'One when what stands in the files of the certificate is not shown, because it is worse.',
      certificate ? [sample(certificate.lastRefusal ? 1 : 0)] : [],
    ),
    gauge('pyli_ending', 'One when the gateway has been told to end.', [sample(ending ? 1 : 0)]),
  ]
}

function stateSet(backends: readonly BackendOverview[]): Sample[] {
  return backends.flatMap(({ address, state }) =>
    states.map((each) => sample(each === state ? 1 : 0, { backend: address, state: each })),
  )
}

function ofBackends(
  name: string,
  help: string,
  backends: readonly BackendOverview[],
  of: (backend: BackendOverview) => number,
): MetricJson {
  return gauge(
    name,
    help,
    backends.map((backend) => sample(of(backend), { backend: backend.address })),
  )
}
