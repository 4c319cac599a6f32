import type { Backend } from '../pool/backend.ts'
import type { Pool } from '../pool/pool.ts'
import { ClusterFailure } from './cluster-failure.ts'
import type { Kind } from './models.ts'
import type { Freshness, Listing, Survey } from './survey.ts'
import { type BackendList, isLate, isWorthAsking, type View } from './view.ts'

export interface AllListsOptions {
  readonly pool: Pool
  readonly survey: Survey
  readonly now: () => number
  /** How long the kernels of an unreachable backend are still listed, in milliseconds. */
  readonly goneAfter: number
  /** How long a whole view waits for a backend of which nothing is known yet, in milliseconds. */
  readonly holdFor: number
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Resolves when a list has waited long enough for backends of which the last one is known. */
  readonly patience: () => Promise<void>
  /** The same for a search, after which it stays open who has what was looked for. */
  readonly searchPatience: () => Promise<void>
}

/**
 * What every backend has of a kind. For one that does not answer, what it had when it last did: a list with a backend
 * silently missing makes JupyterLab give up that backend's kernels (services/src/kernel/manager.ts: requestRunning).
 */
export class AllLists {
  readonly #options: AllListsOptions

  constructor(options: AllListsOptions) {
    this.#options = options
  }

  /**
   * All are read once the last one has answered, for what was made in one of them meanwhile. `recent` does not wait long
   * for that: a server that has just left its cluster is silent, and no page waits until that is found out.
   */
  async everywhere(kind: Kind, freshness: Freshness): Promise<View> {
    const { pool, survey } = this.#options
    const backends = pool.all()
    const isOver = this.#isOver(backends, kind, freshness)
    const answers = backends.map((backend) => {
      const isKnown = survey.last(backend, kind) !== undefined
      return this.#ask(backend, kind, freshness, isKnown ? isOver : undefined)
    })
    return this.#viewOf(backends, kind, await Promise.all(answers))
  }

  /**
   * The same, but whole: waits a while for backends of which nothing is known, as at the start of a gateway, and
   * then rejects with 'list-incomplete' rather than answer a part. `now` also waits for those that are late.
   */
  async whole(kind: Kind, freshness: Freshness): Promise<View['lists']> {
    const { now, holdFor, sleep } = this.#options
    const deadline = now() + holdFor
    for (;;) {
      const { lists, unknown } = await this.everywhere(kind, freshness)
      const isOver = now() >= deadline
      if (unknown.length === 0 && (isOver || freshness === 'recent' || !lists.some(isLate))) return lists
      if (isOver) {
        throw new ClusterFailure(
          'list-incomplete',
          `nothing is known yet of ${unknown.map(({ key }) => key).join(', ')}`,
        )
      }
      await sleep(200)
    }
  }

  /**
   * For one thing that nobody is known to have: until it is found, all have answered or, with `recent`, a client has
   * waited long enough. One that hangs would hold up a search for five seconds, or ten behind another question.
   */
  async search(kind: Kind, freshness: Freshness, isFound: () => boolean): Promise<View> {
    const { pool, searchPatience } = this.#options
    const backends = pool.all()
    const { promise: found, resolve } = Promise.withResolvers<void>()
    const isOver = freshness === 'recent' ? Promise.race([found, searchPatience()]) : found
    const answers = backends.map(async (backend) => {
      const answer = await this.#ask(backend, kind, 'now', isOver)
      if (isFound()) resolve()
      return answer
    })
    return this.#viewOf(backends, kind, await Promise.all(answers))
  }

  /** Whether what lived in an unreachable backend counts as gone. */
  isGone({ state, since }: Backend): boolean {
    return state === 'failing' && this.#options.now() - since >= this.#options.goneAfter
  }

  /** Nothing where nobody needs to be waited for. */
  #isOver(backends: readonly Backend[], kind: Kind, freshness: Freshness): Promise<void> | undefined {
    const { survey, patience } = this.#options
    const mayWait = freshness === 'recent' && backends.some((backend) => !survey.isRecent(backend, kind))
    return mayWait ? patience() : undefined
  }

  /** Undefined where it is not asked, or not heard in time: why is the probes' business. */
  async #ask(backend: Backend, kind: Kind, freshness: Freshness, isOver?: Promise<void>): Promise<Listing | undefined> {
    const { survey } = this.#options
    // Others are asked again by their probes, not by clients, who would all wait for the time-out.
    if (!isWorthAsking(backend, freshness)) return undefined
    const answer = survey.list(backend, kind, freshness).catch(nothing)
    return isOver ? Promise.race([answer, isOver.then(nothing)]) : answer
  }

  #viewOf(backends: readonly Backend[], kind: Kind, answers: readonly (Listing | undefined)[]): View {
    const views = backends.map((backend, i) => this.#view(backend, kind, answers[i]))
    return { lists: views.filter((view) => view !== undefined), unknown: backends.filter((_, i) => !views[i]) }
  }

  #view(backend: Backend, kind: Kind, answer: Listing | undefined): BackendList | undefined {
    const { survey } = this.#options
    const last = survey.last(backend, kind) ?? answer
    if (last) return { backend, entries: last.entries, stale: answer === undefined }
    const isAbsent = backend.state === 'failing' && (survey.wasRefused(backend) || isHearsay(backend))
    return isAbsent || this.isGone(backend) ? { backend, entries: [], stale: false } : undefined
  }
}

/** Known from an earlier gateway alone, and silent ever since: lists do not wait for one that is long gone. */
const isHearsay = (backend: Backend): boolean => backend.drainsFor('left-discovery')

const nothing = (): undefined => undefined
