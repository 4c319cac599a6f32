import type { Operations } from '../admin/operations.ts'
import { mergeOverviews, type Overview } from '../admin/overview.ts'
import type { DrainWish } from '../control/drains.ts'
import type { CertificateState } from '../observe/certificate.ts'
import { Continuity } from '../observe/continuity.ts'
import { type MetricsJson, mergeMetrics } from '../observe/metrics.ts'
import type { Topic } from './peers.ts'

/** What the primary process knows of its workers. */
export interface Workers {
  /** Asks all that serve. One that dies meanwhile, or takes too long, gives no answer. */
  ask(topic: Topic): Promise<unknown[]>
  /** How many serve. */
  readonly serving: number
  /** How many have ended and were replaced. */
  readonly restarts: number
  readonly isEnding: boolean
  /** The primary process keeps it. */
  certificate(): CertificateState | undefined
  /** One of them does it, and sees to it that the others hear. Undefined where none said in time that it has. */
  operate(news: DrainWish): Promise<boolean | undefined>
}

/** All workers as one, for their operators. */
export function fleetOperations(workers: Workers): Operations {
  const counts = new Continuity()
  const startedAt = Date.now()
  return {
    overview: async () => {
      const views = (await workers.ask('overview')) as (Overview | undefined)[]
      const merged = mergeOverviews(views.filter((view) => view !== undefined))
      const { isEnding: ending, restarts } = workers
      const exchanges = counts.told('exchanges', merged.exchanges)
      const refusals = counts.told('refusals', merged.refusals)
      const certificate = workers.certificate()
      return { ...merged, ending, restarts, startedAt, exchanges, refusals, certificate }
    },
    metrics: async () => {
      const views = ((await workers.ask('metrics')) as (MetricsJson | undefined)[]).filter((view) => view !== undefined)
      // Without a part of it the whole would count for less than it was, and for too much when that part is back.
      if (views.length < workers.serving) throw new Error('A worker did not say in time what it counts.')
      return counts.metrics(await mergeMetrics(views))
    },
    drain: (key) => workers.operate({ key, verdict: 'drain' }),
    restore: (key) => workers.operate({ key, verdict: 'restore' }),
  }
}
