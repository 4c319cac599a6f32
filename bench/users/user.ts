import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, KernelSocket } from './jupyter.ts'
import type { Meter } from './meter.ts'

/** How JupyterLab polls each of its lists, and how often somebody who works runs a cell and saves. Milliseconds. */
const pollEvery = 10_000
const cellEvery = 2_000
const cellsBeforeSave = 5

/** Where a kernel runs: its host, and its server's process, of which there may be several on one. */
const whereCode = 'import os, socket; print(socket.gethostname(), os.getppid())'

const notebook = {
  type: 'notebook',
  format: 'json',
  content: {
    cells: [{ cell_type: 'code', execution_count: null, id: 'a', metadata: {}, outputs: [], source: 'print(6 * 7)' }],
    metadata: { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } },
    nbformat: 4,
    nbformat_minor: 5,
  },
}

interface Session {
  readonly id: string
  readonly kernel: { readonly id: string }
}

/** One user: opens JupyterLab, works on one notebook until told to stop, and leaves nothing behind. */
export class User {
  readonly #browser: Browser
  readonly #meter: Meter
  readonly #path: string
  #session: Session | undefined
  #socket: KernelSocket | undefined

  /** `path`: of its notebook, in a folder that is there. */
  constructor(browser: Browser, meter: Meter, path: string) {
    this.#browser = browser
    this.#meter = meter
    this.#path = path
  }

  async live(stop: AbortSignal): Promise<void> {
    const meter = this.#meter
    await meter.time('open lab', () => this.#openLab())
    const polling = this.#poll(stop)
    await meter.time('new notebook', () => this.#save())
    await meter.time('start kernel', () => this.#startKernel())
    await this.#work(stop)
    await polling
    await meter.time('leave', () => this.#leave())
    this.#browser.close()
  }

  /** The page, and what it names: the rest is fetched by what those run. */
  async #openLab(): Promise<void> {
    const page = (await this.#browser.ask('GET', 'lab')).body.toString()
    const files = [...page.matchAll(/<(?:script|link)[^>]+?(?:src|href)="([^"]+)"/g)].map(([, file = '']) => file)
    await Promise.all(files.map((file) => this.#browser.ask('GET', file)))
  }

  async #save(): Promise<void> {
    await this.#browser.ask('PUT', `api/contents/${this.#path}`, notebook, [200, 201])
  }

  async #startKernel(): Promise<void> {
    const wanted = { path: this.#path, name: this.#path, type: 'notebook', kernel: { name: 'python3' } }
    this.#session = await this.#browser.askJson<Session>('POST', 'api/sessions', wanted, [201])
  }

  async #work(stop: AbortSignal): Promise<void> {
    const meter = this.#meter
    const kernel = this.#session?.kernel.id
    if (kernel === undefined) return
    let isKnown = false
    for (let cells = 1; !stop.aborted; cells++) {
      if (!this.#socket?.isOpen) this.#socket = await meter.time('open socket', () => this.#browser.openKernel(kernel))
      const socket = this.#socket
      if (socket) {
        const printed = await meter.time('run cell', () => socket.run(isKnown ? 'print(6 * 7)' : whereCode))
        if (!isKnown && printed) meter.kernelIn(printed.trim())
        isKnown ||= Boolean(printed)
      }
      if (cells % cellsBeforeSave === 0) await meter.time('save', () => this.#save())
      await pause(cellEvery * (0.5 + Math.random()), stop)
    }
  }

  async #poll(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      for (const list of ['kernels', 'sessions', 'terminals', 'kernelspecs']) {
        await this.#meter.time('poll', () => this.#browser.ask('GET', `api/${list}?${Date.now()}`))
      }
      await pause(pollEvery, stop)
    }
  }

  async #leave(): Promise<void> {
    this.#socket?.close()
    if (this.#session) await this.#browser.ask('DELETE', `api/sessions/${this.#session.id}`, undefined, [204, 404])
    await this.#browser.ask('DELETE', `api/contents/${this.#path}`, undefined, [204, 404])
  }
}

/** As long as that, or until all shall end. */
async function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal: stop }).catch(() => {})
}
