import type { Cluster } from '../jupyter/cluster.ts'
import type { CertificateState } from '../observe/certificate.ts'
import { type Failed, RecentFailures } from '../observe/failures.ts'
import { droppedLines, type Log } from '../observe/log.ts'
import type { MetricsJson } from '../observe/metrics.ts'
import { ProcessMetrics, version } from '../observe/process-metrics.ts'
import { type Ended, Tally } from '../observe/tally.ts'
import { type FileCounts, tallyMetrics } from '../observe/tally-metrics.ts'
import { type Overview, overviewOf } from './overview.ts'

export interface SightOptions {
  readonly cluster: Cluster
  readonly log: Log
  readonly webSockets: {
    readonly size: number
    readonly opened: number
    readonly bytesIn: number
    readonly bytesOut: number
  }
  /** Files that are kept, if any are. */
  readonly files?: FileCounts | undefined
  readonly certificate?: (() => CertificateState) | undefined
  readonly isEnding: () => boolean
  /** In the pool clock's milliseconds. */
  readonly now: () => number
}

/** What one process sees and counts, for its operators. */
export class Sight {
  readonly #options: SightOptions
  readonly #startedAt = Date.now()
  readonly #tally = new Tally()
  readonly #failures = new RecentFailures()
  readonly #itself = new ProcessMetrics()

  constructor(options: SightOptions) {
    this.#options = options
  }

  ended(end: Ended): void {
    this.#tally.ended(end)
  }

  /** Bytes that never became an exchange. */
  refused(reason: string): void {
    this.#tally.refuse(reason)
  }

  failed(failure: Failed): void {
    this.#failures.add(failure)
  }

  /** Listens to a front. */
  readonly front = {
    connectionOpened: () => {
      this.#tally.connections++
    },
    connectionClosed: () => {
      this.#tally.connectionsClosed++
    },
    handshakeDone: (resumed: boolean) => this.#tally.handshake(resumed ? 'resumed' : 'full'),
    handshakeFailed: () => this.#tally.handshake('failed'),
  }

  overview(): Overview {
    const { cluster, webSockets, isEnding, certificate, now } = this.#options
    return overviewOf({
      cluster,
      now: now(),
      ending: isEnding(),
      webSockets: webSockets.size,
      version,
      startedAt: this.#startedAt,
      exchanges: this.#tally.exchanges,
      refusals: this.#tally.refused,
      failures: this.#failures.all(),
      certificate: certificate?.(),
    })
  }

  async metrics(): Promise<MetricsJson> {
    const { cluster, webSockets, files, log } = this.#options
    const { counts: lookups } = cluster.lookups
    const counts = { tally: this.#tally, lookups, webSockets, files, droppedLines: droppedLines(log) }
    return [...tallyMetrics(counts), ...(await this.#itself.read())]
  }
}
