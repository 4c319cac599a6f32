import type { Cluster } from '../jupyter/cluster.ts'
import { kinds } from '../jupyter/models.ts'
import type { Freshness } from '../jupyter/survey.ts'
import type { Log } from '../observe/log.ts'
import type { Backend } from '../pool/backend.ts'
import type { Answer } from '../upstream/ask.ts'
import { BackendFailure } from '../upstream/client.ts'
import { every } from './every.ts'
import type { Health } from './health.ts'
import { type Finding, readProbe } from './probe.ts'

export interface WatchOptions {
  readonly cluster: Cluster
  readonly health: Health
  readonly log: Log
  /** Rejects with BackendFailure. */
  readonly probe: (backend: Backend) => Promise<Answer>
  /** Milliseconds. */
  readonly probeEvery: number
  readonly surveyEvery: number
  readonly random: () => number
  /** It said that it drains, and says so no more. */
  readonly onTakenBack?: (backend: Backend) => void
}

/**
 * Watches each backend of the pool as long as it is there: is it well, and what does it have. A backend becomes ready
 * only when both could be told, so that no list is answered without it.
 */
export class Watch {
  readonly #options: WatchOptions
  readonly #watched = new Map<Backend, AbortController>()

  constructor(options: WatchOptions) {
    this.#options = options
  }

  start(backend: Backend): void {
    const { probeEvery, surveyEvery, random, log } = this.#options
    const controller = new AbortController()
    this.#watched.set(backend, controller)
    const { signal } = controller
    const onError = (error: unknown) => log.error({ err: error, backend: backend.key }, 'watching a backend failed')
    // One that is not well is looked at four times as often: somebody waits for it.
    const probePeriod = () => (backend.health === 'well' ? probeEvery : probeEvery / 4)
    void every({ period: probePeriod, task: () => this.probe(backend), onError, signal, random })
    void every({ period: () => surveyEvery, task: () => this.#survey(backend), onError, signal, random })
  }

  stop(backend: Backend): void {
    this.#watched.get(backend)?.abort()
    this.#watched.delete(backend)
  }

  stopAll(): void {
    for (const backend of [...this.#watched.keys()]) this.stop(backend)
  }

  /** A failure that an exchange met. Those that say nothing of the backend's health are left out. */
  exchangeFailed(backend: Backend, failure: BackendFailure): void {
    if (failure.code !== 'backend-refused' && failure.code !== 'backend-reset') return
    if (isOurs(failure)) return
    if (!this.#options.health.failedPassively(backend, failure.message)) return
    void this.probe(backend).catch((error) => this.#options.log.error({ err: error }, 'probe failed'))
  }

  /** Asks whether the backend is well, once, and what it has if it is to become ready. */
  async probe(backend: Backend): Promise<void> {
    const { health, cluster } = this.#options
    const finding = await this.#ask(backend)
    if (finding.answers) this.#hearWhetherItDrains(backend, finding.drains)
    if (!finding.answers) health.failed(backend, finding.fault, finding)
    else await this.#passUnlessUnknown(backend)
    if (cluster.isGone(backend)) cluster.survey.forget(backend)
  }

  /**
   * One that said that it drains and now says that all is well is another process, or has been restored. Either way it
   * is asked anew what it has before it serves newcomers: of another process's kernels none is left.
   */
  #hearWhetherItDrains(backend: Backend, drains: boolean): void {
    const { cluster, onTakenBack } = this.#options
    if (drains) return cluster.pool.drain(backend, 'says-so')
    if (backend.drainsFor('says-so')) onTakenBack?.(backend)
    cluster.pool.restore(backend, 'says-so')
  }

  async #ask(backend: Backend): Promise<Finding> {
    try {
      return readProbe(await this.#options.probe(backend))
    } catch (error) {
      if (isOurs(error)) throw error // no verdict on the backend: the loop tells the operator
      this.#options.cluster.survey.noteFailure(backend, error)
      return { answers: false, ...troubleOf(error) }
    }
  }

  /** Of one that is to become well every list must be had, or one would be answered without it. */
  async #passUnlessUnknown(backend: Backend): Promise<void> {
    const { health } = this.#options
    const trouble = backend.health === 'well' ? undefined : await this.#surveyAll(backend, 'now')
    if (trouble === undefined) health.passed(backend)
    else health.failed(backend, trouble.fault, trouble)
  }

  async #survey(backend: Backend): Promise<void> {
    if (backend.health !== 'well') return
    const trouble = await this.#surveyAll(backend, 'recent')
    if (trouble) this.#options.log.warn({ backend: backend.key, fault: trouble.fault }, 'survey failed')
  }

  /** Why the lists could not be had, or undefined. Asked anew where a process may have taken another's place. */
  async #surveyAll(backend: Backend, freshness: Freshness): Promise<Trouble | undefined> {
    const { survey } = this.#options.cluster
    try {
      await Promise.all(kinds.map((kind) => survey.list(backend, kind, freshness)))
      return undefined
    } catch (error) {
      return troubleOf(error)
    }
  }
}

/** Why a question was not answered, in words for an operator, and whether time alone was short. */
interface Trouble {
  readonly fault: string
  readonly late: boolean
}

function troubleOf(error: unknown): Trouble {
  const late = error instanceof BackendFailure && error.code === 'backend-slow'
  return { fault: error instanceof Error ? error.message : String(error), late }
}

/** Out of file descriptors: no fault of the backend's. */
function isOurs(error: unknown): boolean {
  const code = error instanceof BackendFailure && (error.cause as NodeJS.ErrnoException | undefined)?.code
  return code === 'EMFILE' || code === 'ENFILE'
}
