/** What a check of a certificate has found, in a sentence. */
export interface Finding {
  /**
   * - `unfinished`: no pair yet, as while somebody writes one file after the other; a running gateway waits for the rest;
   * - `bad`: browsers, or most other clients, would refuse it;
   * - `doubtful`: it serves, and somebody should look at it.
   */
  readonly gravity: 'unfinished' | 'bad' | 'doubtful'
  readonly text: string
}

export const unfinished = (text: string): Finding => ({ gravity: 'unfinished', text })
export const bad = (text: string): Finding => ({ gravity: 'bad', text })
export const doubtful = (text: string): Finding => ({ gravity: 'doubtful', text })

/** The day alone: `2026-11-23`. */
export function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}
