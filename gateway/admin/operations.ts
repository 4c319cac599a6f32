import type { MetricsJson } from '../observe/metrics.ts'
import type { Overview } from './overview.ts'

/** What operators can see and do. One process answers for itself, the primary process for all of its workers. */
export interface Operations {
  overview(): Promise<Overview>
  /**
   * A backend, by `host:port`, shall serve what it owns and take no one new. False if there is no such backend,
   * undefined if no process said in time whether it could be done.
   */
  drain(key: string): Promise<boolean | undefined>
  /** Takes that back. It still drains if it says so itself, or has left discovery. */
  restore(key: string): Promise<boolean | undefined>
  /** What is counted. What can be told from the overview is not in it. */
  metrics(): Promise<MetricsJson>
}
