import type { Backend } from '../pool/backend.ts'
import type { Claim } from '../pool/lease.ts'
import type { Pool } from '../pool/pool.ts'
import type { Answer, AskRequest } from '../upstream/ask.ts'
import { BackendFailure } from '../upstream/client.ts'
import type { AllLists } from './all-lists.ts'
import type { Caller } from './caller.ts'
import { noLease } from './cluster-failure.ts'
import type { Creations } from './creations.ts'
import type { Lock } from './keyed-lock.ts'
import type { Lookups } from './lookups.ts'
import type { Kind } from './models.ts'
import type { Owners } from './owners.ts'
import { Search } from './search.ts'
import type { Freshness, Survey } from './survey.ts'
import type { Finding, View } from './view.ts'

/** Between two tries for an owner that cannot be reached. Milliseconds. */
const holdStep = 250

export interface ClusterOptions {
  readonly pool: Pool
  readonly owners: Owners
  readonly survey: Survey
  readonly lock: Lock
  readonly sync: () => Promise<void>
  readonly heard: () => Promise<void>
  readonly creations: Creations
  readonly now: () => number
  readonly baseUrl: string
  readonly lists: AllLists
  /** How long a request waits for a backend of which nothing is known yet, in milliseconds. */
  readonly holdFor: number
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Resolves when an answer that others could give has been waited for long enough. */
  readonly patience: () => Promise<void>
  readonly questions: {
    /** A caller's request to a backend. Rejects with BackendFailure. */
    asCaller(backend: Backend, request: AskRequest): Promise<Answer>
    /** GET of an API path with the gateway's own credentials. */
    asGateway(backend: Backend, path: string): Promise<Answer>
  }
  /** Whether a failed request of that method may be sent once more. */
  readonly mayRetry: (failure: BackendFailure, method: string) => boolean
  /** Told of every failed exchange, for passive health. */
  readonly onFailure: (backend: Backend, failure: BackendFailure) => void
}

/** A caller's answer, and whose it is. */
export interface Asked {
  readonly backend: Backend
  readonly answer: Answer
}

interface LeastLoaded {
  /** Whether the request may be sent again although it may have been heard, as far as its method says so. */
  readonly repeatable?: boolean
  /** Breaks ties in every gateway alike. */
  readonly key?: string
  readonly tried?: Set<Backend>
  readonly reserved?: Claim | undefined
}

/** The many servers as one: where things live, and small requests to the right one of them. */
export class Cluster {
  readonly pool: Pool
  readonly owners: Owners
  readonly survey: Survey
  /** Over all workers of this gateway. */
  readonly lock: Lock
  /** Resolves when this worker knows all that others told before. */
  readonly sync: () => Promise<void>
  /** Resolves when the other workers know all that this one told before. */
  readonly heard: () => Promise<void>
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly patience: () => Promise<void>
  readonly baseUrl: string
  readonly #options: ClusterOptions
  readonly #lists: AllLists
  readonly #search: Search

  constructor(options: ClusterOptions) {
    this.pool = options.pool
    this.owners = options.owners
    this.survey = options.survey
    this.baseUrl = options.baseUrl
    this.lock = options.lock
    this.sync = options.sync
    this.heard = options.heard
    this.sleep = options.sleep
    this.patience = options.patience
    this.#options = options
    this.#lists = options.lists
    this.#search = new Search(options)
  }

  /** Who has it (search.ts). */
  find(kind: Kind, id: string, freshness?: Freshness): Promise<Finding> {
    return this.#search.find(kind, id, freshness)
  }

  /** Whether `find` would answer without asking anybody. */
  isKnown(kind: Kind, id: string): boolean {
    return this.#search.isKnown(kind, id)
  }

  get lookups(): Lookups {
    return this.#search.lookups
  }

  /** What every backend has of a kind. */
  everywhere(kind: Kind, freshness: Freshness): Promise<View> {
    return this.#lists.everywhere(kind, freshness)
  }

  /** The same, or a rejection rather than a part of it (all-lists.ts). */
  wholeView(kind: Kind, freshness: Freshness): Promise<View['lists']> {
    return this.#lists.whole(kind, freshness)
  }

  /**
   * A claim on any backend, that waits a while for one which is only just being looked at: a gateway that was
   * restarted must not say "none" in its first second, after which JupyterLab asks again only half a minute later.
   */
  async claimNewcomer<Claimed extends Claim>(
    claim: () => Claimed | undefined | Promise<Claimed | undefined>,
  ): Promise<Claimed | undefined> {
    const deadline = this.#options.now() + this.#options.holdFor
    for (;;) {
      const claimed = await claim()
      if (claimed) return claimed
      const all = this.pool.all()
      const mayCome = all.length === 0 || all.some(({ state }) => state === 'joining')
      if (!mayCome || this.#options.now() >= deadline) return undefined
      await this.sleep(50)
    }
  }

  /** Sends a caller's request to the owner of what it names, which may be out of reach for a moment. */
  async askOwner(backend: Backend, path: string, caller: Caller): Promise<Answer> {
    const deadline = this.#options.now() + this.#options.holdFor
    for (;;) {
      const lease = this.pool.claimOwner(backend)
      if (!lease) throw noLease(this.pool, 'owner-unreachable', `${backend.key} takes no one`)
      try {
        return await this.#ask(lease, path, caller)
      } catch (error) {
        const mayHold = error instanceof BackendFailure && error.nothingSent && this.#options.now() < deadline
        if (!mayHold) throw error
      }
      await this.sleep(holdStep)
    }
  }

  /**
   * Sends a caller's request to the least loaded backend, which the answer comes with. Another one is tried only
   * where that does no harm: a POST that may have been heard is never repeated. `tried` are those that are left out, and
   * grows; `reserved` is a place that was taken before.
   */
  async askLeastLoaded(
    path: string,
    caller: Caller,
    { repeatable = true, key, tried = new Set(), reserved }: LeastLoaded = {},
  ): Promise<Asked> {
    const { creations, mayRetry } = this.#options
    const method = repeatable ? caller.method : 'POST'
    const claim = () => (method === 'POST' ? creations.claim(tried, key) : this.pool.claimLeastLoaded(tried, 'guest'))
    for (let held = ifStillGood(reserved); ; held = undefined) {
      const claimed: Claim | undefined = held ?? (await this.claimNewcomer<Claim>(claim))
      if (!claimed) throw noLease(this.pool, 'no-backend', 'no backend is ready')
      const { backend } = claimed
      tried.add(backend)
      try {
        return { backend, answer: await this.#ask(claimed, path, caller) }
      } catch (error) {
        if (!(error instanceof BackendFailure && mayRetry(error, method))) throw error
      }
    }
  }

  /**
   * A place for something new of that key, before it is known whether it is wanted. Nothing where nobody takes newcomers
   * now.
   */
  reserve(key: string): Promise<Claim | undefined> {
    return this.#options.creations.claim(new Set(), key)
  }

  /** GET of an API path with the gateway's own credentials, or undefined where no answer can be had. */
  async askAsGateway(backend: Backend, path: string): Promise<Answer | undefined> {
    return this.#options.questions.asGateway(backend, path).catch(() => undefined)
  }

  /** Whether what lived in an unreachable backend counts as gone. */
  isGone(backend: Backend): boolean {
    return this.#lists.isGone(backend)
  }

  async #ask(claimed: Claim, path: string, caller: Caller): Promise<Answer> {
    const { method, headers, query, body } = caller
    const target = `${this.baseUrl}${path}${query}`
    caller.onAsked?.(claimed.backend)
    try {
      return await this.#options.questions.asCaller(claimed.backend, { method, target, headers, ...(body && { body }) })
    } catch (error) {
      if (error instanceof BackendFailure) this.#options.onFailure(claimed.backend, error)
      throw error
    } finally {
      claimed.release()
    }
  }
}

/** Its backend may have begun to drain, or be late, since the place was taken. */
function ifStillGood(reserved: Claim | undefined): Claim | undefined {
  if (reserved?.backend.admitsGladly('newcomer')) return reserved
  reserved?.release()
  return undefined
}
