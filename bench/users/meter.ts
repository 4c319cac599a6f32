import { build, type Histogram } from 'hdr-histogram-js'

/** What users do, in the order in which a day goes. */
export const steps = [
  'open lab',
  'new notebook',
  'start kernel',
  'open socket',
  'run cell',
  'save',
  'poll',
  'leave',
] as const

export type Step = (typeof steps)[number]

interface Tally {
  /** Microseconds. */
  readonly times: Histogram
  /** By what was said. */
  readonly failures: Map<string, number>
}

/** What users met: how long each step took, and what went wrong. */
export class Meter {
  readonly #tallies = new Map<Step, Tally>()
  /** Kernels by the server in which they said they ran. */
  readonly #kernels = new Map<string, number>()

  /** Does a step and notes its time, or why it failed; undefined then. */
  async time<T>(step: Step, act: () => Promise<T>): Promise<T | undefined> {
    const tally = this.#of(step)
    const begun = performance.now()
    try {
      const result = await act()
      tally.times.recordValue(Math.max(1, (performance.now() - begun) * 1_000))
      return result
    } catch (error) {
      const reason = (error as Error).message
      tally.failures.set(reason, (tally.failures.get(reason) ?? 0) + 1)
      return undefined
    }
  }

  kernelIn(server: string): void {
    this.#kernels.set(server, (this.#kernels.get(server) ?? 0) + 1)
  }

  count(step: Step): number {
    return this.#tallies.get(step)?.times.totalCount ?? 0
  }

  get failed(): number {
    return [...this.#tallies.values()].reduce((sum, { failures }) => sum + total(failures), 0)
  }

  report(): string {
    const met = steps.filter((step) => this.#tallies.has(step))
    const lines = met.map((step) => lineOf(step, this.#of(step)))
    const kernels = [...this.#kernels].sort(([a], [b]) => (a < b ? -1 : 1))
    const reasons = met.flatMap((step) =>
      Array.from(this.#of(step).failures, ([reason, count]) => `  ${step}: ${count} × ${reason}`),
    )
    return [
      'step           times     p50       p99       longest   failed',
      ...lines,
      '',
      `kernels by server: ${kernels.map(([server, count]) => `${server} ${count}`).join(', ') || 'none'}`,
      ...(reasons.length > 0 ? ['', 'what failed:', ...reasons] : []),
      '',
    ].join('\n')
  }

  #of(step: Step): Tally {
    let tally = this.#tallies.get(step)
    if (!tally) {
      const times = build({
        lowestDiscernibleValue: 1,
        highestTrackableValue: 600_000_000,
        numberOfSignificantValueDigits: 3,
      })
      tally = { times, failures: new Map() }
      this.#tallies.set(step, tally)
    }
    return tally
  }
}

function lineOf(step: Step, { times, failures }: Tally): string {
  const milliseconds = (microseconds: number) => `${(microseconds / 1_000).toFixed(0)} ms`.padEnd(10)
  const { totalCount } = times
  const at = (percentile: number) =>
    totalCount > 0 ? milliseconds(times.getValueAtPercentile(percentile)) : '–'.padEnd(10)
  return `${step.padEnd(15)}${String(totalCount).padEnd(10)}${at(50)}${at(99)}${at(100)}${total(failures)}`
}

function total(failures: ReadonlyMap<string, number>): number {
  return [...failures.values()].reduce((sum, count) => sum + count, 0)
}
