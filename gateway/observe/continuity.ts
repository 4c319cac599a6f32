import type { MetricsJson, Sample } from './metrics.ts'

/**
 * Sums of counters over workers that come and go. When one has ended its part is missing, and whoever draws rates takes
 * the drop for a new beginning and the rest for an increase: so what was told once is told on.
 */
export class Continuity {
  readonly #entries = new Map<string, { told: number; retired: number }>()

  /** A sum of those that are left, with what the others had. */
  told(key: string, sum: number): number {
    const entry = this.#entries.get(key) ?? { told: 0, retired: 0 }
    if (sum + entry.retired < entry.told) entry.retired = entry.told - sum
    entry.told = sum + entry.retired
    this.#entries.set(key, entry)
    return entry.told
  }

  metrics(merged: MetricsJson): MetricsJson {
    return merged.map((metric) => {
      const counts = metric.aggregator === 'sum' && metric.type !== 'gauge'
      if (!counts) return metric
      const values = metric.values.map((entry) => ({
        ...entry,
        value: this.told(keyOf(metric.name, entry), entry.value),
      }))
      return { ...metric, values }
    })
  }
}

function keyOf(name: string, { metricName, labels }: Sample): string {
  return `${metricName ?? name} ${JSON.stringify(Object.entries(labels).sort())}`
}
