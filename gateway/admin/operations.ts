import type { Overview } from './overview.ts'

/** What operators can see and do. One process answers for itself, the primary process for all of its workers. */
export interface Operations {
  overview(): Promise<Overview>
}
