import { STATUS_CODES } from 'node:http'

/** What the end of an exchange says of it, as far as it is counted. Times are milliseconds. */
export interface Ended {
  readonly route: string
  readonly status: number
  /** From the request's way to a backend to the head of its answer. */
  readonly headMs: number | undefined
  /** From the request's head to that of the answer. */
  readonly firstByteMs: number | undefined
  readonly bytesIn: number
  readonly bytesOut: number
  /** Why it was refused, or failed. */
  readonly failure: string | undefined
}

/** Upper bounds in seconds. A page's small files take milliseconds, a kernel's start seconds, a busy one a minute. */
export const bounds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const

/** How many values fell below each bound, and above the last. */
export class Spread {
  readonly counts: number[] = new Array(bounds.length + 1).fill(0)
  sum = 0

  add(seconds: number): void {
    let place = 0
    while (place < bounds.length && seconds > (bounds[place] as number)) place++
    ;(this.counts[place] as number)++
    this.sum += seconds
  }
}

export class RouteTally {
  /** By status; by its first digit where HTTP does not name it; at 0 those that ended before there was one. */
  readonly byStatus = new Map<number, number>()
  readonly head = new Spread()
  readonly firstByte = new Spread()

  count(status: number): void {
    const key = countedAs(status)
    this.byStatus.set(key, (this.byStatus.get(key) ?? 0) + 1)
  }
}

/** A server's extension may answer with any three digits, and each would be a time series of its own for ever. */
function countedAs(status: number): number {
  if (status in STATUS_CODES) return status
  const digit = (status / 100) | 0
  return digit < 6 ? digit : 0
}

/**
 * What has been since the process began: plain numbers, moved on the way of every exchange and read only when somebody
 * asks (tally-metrics.ts). Keys are of our own tables, never a client's words, so that it cannot grow.
 */
export class Tally {
  readonly routes = new Map<string, RouteTally>()
  readonly refusals = new Map<string, number>()
  bytesIn = 0
  bytesOut = 0
  /** TLS handshakes: from the beginning, or going on where an earlier connection had been. */
  readonly handshakes = { full: 0, resumed: 0, failed: 0 }
  /** Of clients, since the beginning. */
  connections = 0
  connectionsClosed = 0

  ended({ route, status, headMs, firstByteMs, bytesIn, bytesOut, failure }: Ended): void {
    let row = this.routes.get(route)
    if (!row) {
      row = new RouteTally()
      this.routes.set(route, row)
    }
    row.count(status)
    if (headMs !== undefined) row.head.add(headMs / 1000)
    if (firstByteMs !== undefined) row.firstByte.add(firstByteMs / 1000)
    this.bytesIn += bytesIn
    this.bytesOut += bytesOut
    if (failure !== undefined) this.refuse(failure)
  }

  refuse(reason: string): void {
    this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1)
  }

  get exchanges(): number {
    return sum([...this.routes.values()].flatMap(({ byStatus }) => [...byStatus.values()]))
  }

  get refused(): number {
    return sum(this.refusals.values())
  }

  handshake(outcome: keyof Tally['handshakes']): void {
    this.handshakes[outcome]++
  }
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
