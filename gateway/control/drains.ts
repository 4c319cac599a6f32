import type { Log } from '../observe/log.ts'
import type { Backend } from '../pool/backend.ts'
import type { Pool } from '../pool/pool.ts'

/** An operator's word, as workers pass it to each other. */
export interface DrainNews {
  /** `host:port` of the backend. */
  readonly key: string
  readonly verdict: 'drain' | 'restore'
}

export interface DrainsOptions {
  readonly pool: Pool
  readonly log: Log
  /** Tells the other workers; resolves when they have heard. */
  readonly tell: (news: DrainNews) => Promise<unknown>
  /** Tells the backend itself, which may offer to say so to every gateway. The status of its answer. */
  readonly tellBackend: (backend: Backend, verdict: DrainNews['verdict']) => Promise<number>
}

/**
 * The backends that operators have drained. It holds until they are restored, or forgotten; also for one that this
 * process does not know yet, as when a worker starts.
 */
export class Drains {
  readonly #options: DrainsOptions
  readonly #drained = new Set<string>()

  constructor(options: DrainsOptions) {
    this.#options = options
    options.pool.listen({
      backendAdded: (backend) => {
        if (this.#drained.has(backend.key)) options.pool.drain(backend, 'operator')
      },
      backendRemoved: ({ key }) => this.#drained.delete(key),
    })
  }

  /** False if there is no such backend. */
  async change(news: DrainNews): Promise<boolean> {
    const { pool, tell, log } = this.#options
    const backend = pool.get(news.key)
    if (!backend) return false
    this.hear(news)
    log.info({ backend: news.key }, `an operator says: ${news.verdict}`)
    await Promise.all([tell(news), this.#tellBackend(backend, news.verdict)])
    return true
  }

  /** Another worker was told, or the state file of the gateway before. */
  hear({ key, verdict }: DrainNews): void {
    const { pool } = this.#options
    const backend = pool.get(key)
    if (verdict === 'drain') this.#drained.add(key)
    else this.#drained.delete(key)
    if (!backend) return
    if (verdict === 'drain') pool.drain(backend, 'operator')
    else pool.restore(backend, 'operator')
  }

  /** All that holds now, for a worker that starts later. */
  get held(): DrainNews[] {
    return Array.from(this.#drained, (key) => ({ key, verdict: 'drain' }))
  }

  /** So that every gateway hears of it through its probe. Where it offers no such thing, this gateway alone knows. */
  async #tellBackend(backend: Backend, verdict: DrainNews['verdict']): Promise<void> {
    const { log, tellBackend } = this.#options
    const status = await tellBackend(backend, verdict).catch((error: Error) => error.message)
    const offersNone = status === 404 || status === 405
    if (offersNone || (typeof status === 'number' && status < 300)) return
    log.warn({ backend: backend.key, answer: status }, `the backend could not be told to ${verdict}`)
  }
}
