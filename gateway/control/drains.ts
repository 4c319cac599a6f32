import type { Log } from '../observe/log.ts'
import type { Backend } from '../pool/backend.ts'
import type { Pool } from '../pool/pool.ts'

/** What an operator wants. */
export interface DrainWish {
  /** `host:port` of the backend. */
  readonly key: string
  readonly verdict: 'drain' | 'restore'
}

/** The same as workers pass it to each other: of two the later one holds, in whatever order they are heard. */
export interface DrainNews extends DrainWish {
  /** When it was said, in milliseconds since 1970. From a state file 0: whoever was told since knows better. */
  readonly at: number
}

export interface DrainsOptions {
  readonly pool: Pool
  readonly log: Log
  /** Tells the other workers; resolves when they have heard. */
  readonly tell: (news: DrainNews) => Promise<void>
  /** Tells the backend itself, which may offer to say so to every gateway. The status of its answer. */
  readonly tellBackend: (backend: Backend, verdict: DrainWish['verdict']) => Promise<number>
  /** In milliseconds since 1970: workers compare it. */
  readonly clock: () => number
}

/**
 * The backends that operators have drained. It holds until they are restored, or forgotten; also for one that this
 * process does not know yet, as when a worker starts.
 */
export class Drains {
  readonly #options: DrainsOptions
  readonly #news = new Map<string, DrainNews>()

  constructor(options: DrainsOptions) {
    this.#options = options
    options.pool.listen({
      backendAdded: (backend) => {
        if (this.#news.get(backend.key)?.verdict === 'drain') options.pool.drain(backend, 'operator')
      },
      backendRemoved: ({ key }) => this.#news.delete(key),
    })
  }

  /** False if there is no such backend. */
  async change(wish: DrainWish): Promise<boolean> {
    const { pool, tell, log, clock } = this.#options
    const backend = pool.get(wish.key)
    if (!backend) return false
    const news = { ...wish, at: clock() }
    this.hear(news)
    log.info({ backend: news.key }, `an operator says: ${news.verdict}`)
    await Promise.all([tell(news), this.#tellBackend(backend, news.verdict)])
    return true
  }

  /** Another worker was told, or the state file of the gateway before. */
  hear(news: DrainNews): void {
    const { pool } = this.#options
    const { key, verdict, at } = news
    if (at < (this.#news.get(key)?.at ?? 0)) return
    this.#news.set(key, news)
    const backend = pool.get(key)
    if (!backend) return
    if (verdict === 'drain') pool.drain(backend, 'operator')
    else pool.restore(backend, 'operator')
  }

  /**
   * A backend that said that it drains says so no more: it was restored through another gateway, or is a new process. What
   * an operator said here was passed on to it, so that has been taken back as well.
   */
  takenBack({ key }: Backend): void {
    if (this.#news.get(key)?.verdict === 'drain') this.hear({ key, verdict: 'restore', at: this.#options.clock() })
  }

  /** All that holds now, for a worker that starts later. That one is restored as well: an old file may say otherwise. */
  get held(): DrainNews[] {
    return [...this.#news.values()]
  }

  /** So that every gateway hears of it through its probe. Where it offers no such thing, this gateway alone knows. */
  async #tellBackend(backend: Backend, verdict: DrainWish['verdict']): Promise<void> {
    const { log, tellBackend } = this.#options
    const status = await tellBackend(backend, verdict).catch((error: Error) => error.message)
    const offersNone = status === 404 || status === 405
    if (offersNone || (typeof status === 'number' && status < 300)) return
    log.warn({ backend: backend.key, answer: status }, `the backend could not be told to ${verdict}`)
  }
}
