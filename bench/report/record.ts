import type { Spread } from './statistics.ts'

export const workNames = [
  'get-small',
  'get-1m',
  'download',
  'upload',
  'handshake-full',
  'handshake-resumed',
  'ws-256',
  'ws-16k',
  'upgrade',
  'tunnel-memory',
  'lab-class',
] as const

export type WorkName = (typeof workNames)[number]

/** Milliseconds. */
export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

/** One work in one form, done by all. Keys are the names of those who did it; `pyli` is us. */
export interface Row {
  readonly work: WorkName
  readonly tls: boolean
  readonly connections: number
  /** What is counted, and of what `cost` is the price: `request`, `MiB`, `connection`, `round trip`, `tunnel`. */
  readonly unit: string
  /** Microseconds of CPU for each unit; of tunnel-memory KB. */
  readonly cost: Readonly<Record<string, Spread>>
  /** `cost` of ours by that of each peer, round by round; see `comparesTimes`. */
  readonly ratio: Readonly<Record<string, Spread>>
  /** Units a second, on a machine that does more than this. */
  readonly throughput: Readonly<Record<string, Spread>>
  /** Of all rounds together. */
  readonly latency: Readonly<Record<string, Latency>>
  /** Of long transfers: the most that was held, MiB beyond what was held at rest before the first of them. */
  readonly memory?: Readonly<Record<string, Spread>>
}

/** What `--json FILE` writes. */
export interface Results {
  readonly machine: string
  /** ISO 8601. */
  readonly date: string
  readonly rounds: number
  /** Of those who took part: name and version. */
  readonly versions: Readonly<Record<string, string>>
  readonly rows: readonly Row[]
}

/** A cost of `tunnel-memory` is memory, all others are CPU time. */
export function costUnit({ work, unit }: Pick<Row, 'work' | 'unit'>): string {
  return work === 'tunnel-memory' ? `KB/${unit}` : `µs/${unit}`
}

/** Those who are compared with us, in the order in which they come. */
export function peersOf(rows: readonly Row[]): string[] {
  return [...new Set(rows.flatMap(({ ratio }) => Object.keys(ratio)))]
}

/** Of a class that opens Lab `ratio` compares times and not costs, as there it is people who wait. */
export function comparesTimes(work: WorkName): boolean {
  return work === 'lab-class'
}
