import { LRUCache } from 'lru-cache'
import { CachedFile, type PublicAnswer } from './cached-file.ts'
import { compress } from './compress.ts'

/** What is not for everybody, or is not there, is not asked for in our name again so soon. Milliseconds, names. */
const refusedFor = 60_000
const mostRefused = 10_000

/** Asks a backend for a file as somebody whom it does not know; undefined where it does not answer. */
export type Fetch = (headers: string[]) => Promise<PublicAnswer | undefined>

/**
 * Files of Jupyter's pages that name their content, kept in memory for everybody. They are asked for without anybody's
 * credentials: what a backend gives to a stranger may be given to all. As they name their content, those of an image that
 * is being replaced are served on as long as pages ask for them.
 */
export class FileCache {
  hits = 0
  misses = 0
  readonly #files: LRUCache<string, CachedFile>
  readonly #refused = new LRUCache<string, true>({ max: mostRefused, ttl: refusedFor })
  /** A class opens its page in one moment: the first asks for all. */
  readonly #fetching = new Map<string, Promise<CachedFile | undefined>>()
  /** One file after the other, so that a page's hundred leave threads to others. */
  #compressing = Promise.resolve()

  /** `maxSize`: bytes. */
  constructor(maxSize: number) {
    this.#files = new LRUCache({ maxSize, maxEntrySize: Math.ceil(maxSize / 4), sizeCalculation: ({ size }) => size })
  }

  get bytes(): number {
    return this.#files.calculatedSize
  }

  /** The file of that name if it is kept and fresh. */
  get(name: string): CachedFile | undefined {
    const file = this.#files.get(name)
    if (!file?.isFresh) return undefined
    this.hits++
    return file
  }

  /** Whether it is known already that the file is none for a cache. */
  isRefused(name: string): boolean {
    return this.#refused.has(name)
  }

  /** The file of that name, from a backend; undefined where it is none for a cache. */
  fetch(name: string, ask: Fetch): Promise<CachedFile | undefined> {
    this.misses++
    const running = this.#fetching.get(name)
    if (running) return running
    const fetching = this.#fetch(name, ask).finally(() => this.#fetching.delete(name))
    this.#fetching.set(name, fetching)
    return fetching
  }

  async #fetch(name: string, ask: Fetch): Promise<CachedFile | undefined> {
    const known = this.#files.get(name)
    const answer = await ask(known?.revalidationHeaders() ?? [])
    if (known && answer?.status === 304 && known.revalidate(answer)) return known
    const file = answer && CachedFile.from(answer)
    if (!file) {
      this.#refused.set(name, true)
      return undefined
    }
    this.#files.set(name, file)
    const compressed = this.#compressing.then(() => compress(file)).then(() => this.#measureAgain(name, file))
    this.#compressing = compressed.catch(() => {}) // short of memory: it is served as it is
    return file
  }

  /** A file that is set once more is not measured once more. */
  #measureAgain(name: string, file: CachedFile): void {
    if (this.#files.peek(name) !== file) return
    this.#files.delete(name)
    this.#files.set(name, file)
  }
}
