import type { Finding } from './view.ts'

/**
 * What answered a look-up of an owner. known: an answer had told it. survey: a survey had. probed: every backend was
 * asked. not_found: none of them has it. unknown: none has it, but not all could be asked.
 */
export type Way = 'known' | 'survey' | 'probed' | 'not_found' | 'unknown'

/** How often each way was taken. */
export class Lookups {
  readonly counts: Record<Way, number> = { known: 0, survey: 0, probed: 0, not_found: 0, unknown: 0 }

  /** Returns what was found. */
  by(way: Way, finding: Finding): Finding {
    this.counts[way]++
    return finding
  }
}
