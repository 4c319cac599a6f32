import { setTimeout as sleep } from 'node:timers/promises'
import { ms } from '../../../gateway/config/units.ts'
import type { Rest } from '../../whole/support/rest.ts'

/** Requests as a class makes them, all the while. Each that fails is kept, with what it was answered. */
export class Load {
  readonly failures: string[] = []
  requests = 0
  readonly #rest: Rest
  readonly #stop = new AbortController()
  readonly #loops: Promise<void>[]

  constructor(rest: Rest) {
    this.#rest = rest
    this.#loops = [
      this.#loop(200, () => this.#ask('GET', 'api/kernels')),
      this.#loop(200, () => this.#ask('GET', 'api/sessions')),
      this.#loop(300, () => this.#ask('GET', 'api/contents?content=1')),
      this.#loop(300, () => this.#ask('GET', 'api/status')),
      this.#loop(500, () => this.#save()),
      this.#loop(1000, () => this.#openAndClose()),
    ]
  }

  async #loop(pause: number, once: () => Promise<unknown>): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await once()
      await sleep(ms(pause))
    }
  }

  async #ask<T>(method: string, path: string, body?: unknown): Promise<T | undefined> {
    const asked = `${new Date().toISOString()} ${method} ${path}`
    this.requests++
    try {
      const answer = await this.#rest.ask<T>(method, path, body)
      if (answer.status < 400) return answer.body
      this.failures.push(`${asked}: ${answer.status} ${JSON.stringify(answer.body)}`)
    } catch (error) {
      this.failures.push(`${asked}: ${(error as Error).cause ?? error}`)
    }
    return undefined
  }

  #save = () => this.#ask('PUT', 'api/contents/load.txt', { type: 'file', format: 'text', content: `${Date.now()}` })

  /** A notebook that somebody opens, and closes again. */
  #openAndClose = async () => {
    const path = `load-${this.requests}.ipynb`
    const session = await this.#ask<{ id: string }>('POST', 'api/sessions', {
      path,
      name: path,
      type: 'notebook',
      kernel: { name: 'python3' },
    })
    if (session !== undefined) await this.#ask('DELETE', `api/sessions/${session.id}`)
  }

  async end(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#loops)
  }
}
