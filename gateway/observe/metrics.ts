import { AggregatorRegistry, Registry } from 'prom-client'

export type Labels = Readonly<Record<string, string | number>>

export interface Sample {
  readonly value: number
  readonly labels: Labels
  /** A histogram's parts have names of their own. */
  readonly metricName?: string
}

/** How the values of several workers become one: summed, the largest, or any one of them. */
export type Merging = 'sum' | 'max' | 'min' | 'first'

/** One metric with its values, as prom-client writes it in JSON: of one process, or of all workers together. */
export interface MetricJson {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary'
  readonly aggregator: Merging
  readonly values: readonly Sample[]
}

export type MetricsJson = readonly MetricJson[]

export const metricsType = Registry.PROMETHEUS_CONTENT_TYPE

export function counter(name: string, help: string, values: readonly Sample[]): MetricJson {
  return { name, help, type: 'counter', aggregator: 'sum', values }
}

export function gauge(name: string, help: string, values: readonly Sample[], aggregator: Merging = 'max'): MetricJson {
  return { name, help, type: 'gauge', aggregator, values }
}

export const sample = (value: number, labels: Labels = {}): Sample => ({ value, labels })

/** What all workers together count. */
export async function mergeMetrics(views: readonly MetricsJson[]): Promise<MetricsJson> {
  return (await aggregated(views).getMetricsAsJSON()) as unknown as MetricsJson
}

/**
 * In Prometheus' own text format, which every version of it reads. Not in OpenMetrics: for it prom-client 15 appends a
 * second `_total` to the names of merged counters.
 */
export function metricsText(metrics: MetricsJson): Promise<string> {
  return aggregated([metrics]).metrics()
}

function aggregated(views: readonly MetricsJson[]): Registry {
  // Its type asks for an array of metrics; it takes one for each worker, as its own cluster.js gives it.
  return AggregatorRegistry.aggregate(views as unknown as object[]) as unknown as Registry
}
