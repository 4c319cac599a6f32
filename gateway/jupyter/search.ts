import { LRUCache } from 'lru-cache'
import type { Pool } from '../pool/pool.ts'
import type { AllLists } from './all-lists.ts'
import { Lookups } from './lookups.ts'
import type { Kind } from './models.ts'
import type { Owners } from './owners.ts'
import type { Freshness } from './survey.ts'
import type { Finding, Found } from './view.ts'

/** How long nobody is asked again for what nobody had: clients ask for a dead kernel many times. Milliseconds. */
const absentFor = 1_000

/** An id is 36 characters, a terminal's name a few. What could fill the memory with names of eight thousand is not kept. */
const longestId = 200

export interface SearchOptions {
  readonly pool: Pool
  readonly owners: Owners
  readonly lists: AllLists
  readonly now: () => number
}

/** Looks up who has a kernel, session or terminal: what is not known is asked of every backend once. */
export class Search {
  readonly lookups = new Lookups()
  readonly #options: SearchOptions
  /** When every backend said that it has no such thing. */
  readonly #absent = new LRUCache<string, number>({ max: 10_000 })

  constructor(options: SearchOptions) {
    this.#options = options
  }

  /**
   * `now` for who would start it where nobody has it: another gateway may have done so a moment ago, so all are waited
   * for.
   */
  async find(kind: Kind, id: string, freshness: Freshness = 'recent'): Promise<Finding> {
    const known = this.#known(kind, id)
    if (known) return this.lookups.by(known.owner.toldBy === 'survey' ? 'survey' : 'known', known)
    if (freshness === 'recent' && this.#wasAbsent(kind, id)) return this.lookups.by('not_found', { kind: 'absent' })
    // A session that was moved may still be listed where it was, too, and its new place is the truth: all are heard.
    const isFound = () => kind !== 'sessions' && this.#known(kind, id) !== undefined
    const { lists, unknown } = await this.#options.lists.search(kind, freshness, isFound)
    const found = this.#known(kind, id)
    if (found) return this.lookups.by('probed', found)
    // One that fell silent may have got it since it was last asked, through another gateway.
    const isCertain = unknown.length === 0 && !lists.some(({ stale }) => stale)
    if (!isCertain) return this.lookups.by('unknown', { kind: 'unknown' })
    if (id.length <= longestId) this.#absent.set(`${kind}/${id}`, this.#options.now())
    return this.lookups.by('not_found', { kind: 'absent' })
  }

  /** Whether `find` would answer without asking anybody. */
  isKnown(kind: Kind, id: string): boolean {
    return this.#known(kind, id) !== undefined || this.#wasAbsent(kind, id)
  }

  #wasAbsent(kind: Kind, id: string): boolean {
    const since = this.#absent.get(`${kind}/${id}`)
    return since !== undefined && this.#options.now() - since < absentFor
  }

  #known(kind: Kind, id: string): Found | undefined {
    const { owners, pool } = this.#options
    const owner = owners.get(kind, id)
    return owner && pool.get(owner.backend.key) === owner.backend ? { kind: 'found', owner } : undefined
  }
}
