/** What several rounds came to. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('no rounds, no spread')
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] as number
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2
  return { median, min: sorted[0] as number, max: sorted.at(-1) as number }
}

/** How many times as much as a peer, round by round: what disturbed a round disturbed both. */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): Spread {
  if (ours.length !== theirs.length) throw new RangeError('rounds that were not run in turns cannot be compared')
  return spreadOf(ours.map((cost, round) => cost / (theirs[round] as number)))
}

/** Rounds of which some say one thing and some the other say nothing. */
export function isTie({ min, max }: Spread): boolean {
  return min <= 1 && max >= 1
}
