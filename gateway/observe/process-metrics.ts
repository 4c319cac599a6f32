import { readFileSync } from 'node:fs'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { gauge, type Merging, type MetricJson, type MetricsJson, sample } from './metrics.ts'

export const version = (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Manifest)
  .version

interface Manifest {
  readonly version: string
}

/** How often the event loop is looked at. Milliseconds. */
const lagEvery = 20

/** Which of prom-client's metrics of a process are told, and how those of several workers become one. */
const kept: Readonly<Record<string, Merging>> = {
  process_cpu_seconds_total: 'sum',
  process_resident_memory_bytes: 'sum',
  process_open_fds: 'sum',
  process_max_fds: 'min',
  process_start_time_seconds: 'min',
  nodejs_heap_size_used_bytes: 'sum',
  nodejs_gc_duration_seconds: 'sum',
  nodejs_eventloop_lag_p50_seconds: 'max',
  nodejs_eventloop_lag_p99_seconds: 'max',
  nodejs_eventloop_lag_max_seconds: 'max',
}

/** What this process takes of the machine, and how long its work lets others wait. One for a process: it listens. */
export class ProcessMetrics {
  readonly #registry = new Registry()

  constructor() {
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: lagEvery })
    // These would walk over every socket to tell what is told otherwise.
    for (const name of this.#names()) if (name.startsWith('nodejs_active_')) this.#registry.removeSingleMetric(name)
  }

  async read(): Promise<MetricsJson> {
    const all = (await this.#registry.getMetricsAsJSON()) as unknown as MetricJson[]
    const node = all.find(({ name }) => name === 'nodejs_version_info')?.values[0]?.labels.version ?? ''
    const told = all.filter(({ name }) => name in kept).map(soundly)
    return [gauge('pyli_build_info', 'What runs.', [sample(1, { version, node })], 'first'), ...told]
  }

  #names(): string[] {
    return this.#registry.getMetricsAsArray().map(({ name }) => name)
  }
}

/** Without what JSON cannot hold; the lag without the pause between two looks, which Node counts in. */
export function soundly(metric: MetricJson): MetricJson {
  const isLag = metric.name.startsWith('nodejs_eventloop_lag_')
  const values = metric.values.filter(({ value }) => Number.isFinite(value))
  return {
    ...metric,
    aggregator: kept[metric.name] as Merging,
    values: isLag ? values.map((entry) => ({ ...entry, value: Math.max(0, entry.value - lagEvery / 1000) })) : values,
  }
}
