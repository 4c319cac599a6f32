import type { Log } from '../observe/log.ts'
import type { Backend } from '../pool/backend.ts'
import type { Pool } from '../pool/pool.ts'
import { codeOf, readIfThere, replace } from './files.ts'
import { type Known, readKnown, writeKnown } from './known.ts'

/** Changes come in flocks. Milliseconds. */
const usualPause = 250

export interface StateFileOptions {
  /** Absent: nothing is kept. */
  readonly file: string | undefined
  readonly pool: Pool
  readonly log: Log
  readonly pause?: number
}

/**
 * Keeps the addresses of the pool in a file, for the gateway that is started next: backends that drain have left
 * discovery, and nothing else would tell it of them. A hint and no more: without it all else works, so whatever is
 * wrong with the file is said once, and that is all.
 */
export class StateFile {
  readonly #options: StateFileOptions
  #written: string | undefined
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #warned = false

  constructor(options: StateFileOptions) {
    this.#options = options
    if (options.file === undefined) return
    const changed = () => this.#soon()
    options.pool.listen({ backendAdded: changed, backendRemoved: changed, backendChanged: changed })
  }

  /** What the file says; nothing, where it cannot be read. */
  async read(): Promise<readonly Known[]> {
    const { file } = this.#options
    if (file === undefined) return []
    try {
      const text = await readIfThere(file)
      return text === undefined ? [] : readKnown(text)
    } catch (error) {
      this.#warn('the backends known last are not known', error)
      return []
    }
  }

  /** Resolves when the last change is in the file. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => void this.flush(), this.#options.pause ?? usualPause).unref()
  }

  async #write(): Promise<void> {
    const { file, pool } = this.#options
    const backends = pool.all()
    // Of a gateway that has not found anybody yet there is nothing to remember.
    if (file === undefined || backends.length === 0) return
    const text = writeKnown(backends.map(knownOf))
    if (text === this.#written) return
    try {
      await replace(file, text, 0o600)
      this.#written = text
    } catch (error) {
      this.#warn('the next gateway will not know the backends of this one', error)
    }
  }

  #warn(consequence: string, error: unknown): void {
    if (this.#warned) return
    this.#warned = true
    const fault = error instanceof Error ? error.message : codeOf(error)
    this.#options.log.warn({ fault }, `${consequence}; all else works`)
  }
}

function knownOf(backend: Backend): Known {
  const { host, port } = backend
  return { host, port, drained: backend.drainsFor('operator') }
}
