import { availableParallelism } from 'node:os'
import type { Config } from '../config/config.ts'

/** How many processes serve together: as many as are told, or one for each processor that this one may use. */
export function workersOf({ workers }: Pick<Config, 'workers'>): number {
  return workers === 'auto' ? availableParallelism() : workers
}
