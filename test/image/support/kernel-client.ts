import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { type Ms, minutes, seconds } from '../../../gateway/config/units.ts'
import { Rest } from '../../whole/support/rest.ts'

/** What a cell has shown: text as people read it, pictures as they came. */
export interface CellResult {
  readonly status: 'ok' | 'error' | 'aborted'
  /** Streams and values, in their order. */
  readonly text: string
  readonly pictures: readonly Picture[]
  readonly html: readonly string[]
  /** What stands in the error: its name, its message, its traceback, without colours. */
  readonly error: string
}

export interface Picture {
  readonly type: 'image/png' | 'image/svg+xml'
  readonly data: string
}

interface Message {
  readonly channel: string
  readonly header: { readonly msg_type: string }
  readonly parent_header: { readonly msg_id?: string }
  readonly content: Record<string, unknown>
}

const PATIENCE = minutes(3)

/** A running server of an image, as its users reach it. */
export interface Target {
  readonly url: string
  readonly token: string
}

/** One kernel through its server's API, as a browser would have it. */
export class KernelClient {
  readonly id: string
  readonly #target: Target
  readonly #rest: Rest
  readonly #messages: Message[] = []
  #socket!: WebSocket
  #heard = Promise.withResolvers<void>()

  private constructor(target: Target, id: string) {
    this.#target = target
    this.#rest = new Rest(target.url, target.token)
    this.id = id
  }

  /** Resolves when its first cell could run. */
  static async start(target: Target, name: string): Promise<KernelClient> {
    const { id } = await new Rest(target.url, target.token).get<{ id: string }>('POST', 'api/kernels', { name })
    const client = new KernelClient(target, id)
    await client.#connect()
    return client
  }

  /** The server opens a WebSocket only once it hears all that the kernel says. */
  async #connect(): Promise<void> {
    const { url, token } = this.#target
    const address = new URL(`api/kernels/${this.id}/channels?session_id=${randomUUID()}&token=${token}`, url)
    address.protocol = 'ws:'
    const socket = new WebSocket(address)
    socket.on('message', (data) => {
      this.#messages.push(JSON.parse(String(data)) as Message)
      this.#heard.resolve()
      this.#heard = Promise.withResolvers()
    })
    socket.on('error', () => {}) // a server that is ended
    await once(socket, 'open')
    this.#socket = socket
    await this.ask('kernel_info_request', {}, 'kernel_info_reply')
  }

  async run(code: string, patience: Ms = PATIENCE): Promise<CellResult> {
    const id = this.#send('execute_request', {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
    })
    const reply = await this.#answerTo(id, 'execute_reply', patience)
    await this.#until(() => this.#of(id).some(isIdle), patience, 'it is idle')
    return this.#result(id, reply)
  }

  /** Begins a cell and resolves, a moment after it must be in the middle of its work, with what will come of it. */
  async begin(code: string): Promise<{ readonly end: Promise<CellResult> }> {
    const seen = this.#messages.length
    const end = this.run(code)
    end.catch(() => {}) // whoever begins it waits for it later
    const hasPrinted = () => this.#messages.slice(seen).some(({ header }) => header.msg_type === 'stream')
    // Some kernels print when a cell is over.
    await this.#until(hasPrinted, seconds(3), 'it has printed').catch(() => {})
    await sleep(500) // what it has printed is of its first line, and it is the last one that is meant
    return { end }
  }

  async complete(code: string): Promise<string[]> {
    const { matches } = await this.ask('complete_request', { code, cursor_pos: [...code].length }, 'complete_reply')
    return matches as string[]
  }

  /** Asked every second until a cell ends, as a person would press it again. Resolves with how often. */
  async interruptUntil(ended: Promise<CellResult>): Promise<number> {
    for (let times = 1; ; times++) {
      await this.#rest.get('POST', `api/kernels/${this.id}/interrupt`)
      const isOver = await Promise.race([ended.then(() => true), sleep(3000, false, { ref: false })])
      if (isOver) return times
      if (times === 5) throw new Error('five interrupts did not end the cell')
    }
  }

  /** As JupyterLab does it, which connects anew then: what a kernel says just after it began again is lost otherwise. */
  async restart(): Promise<void> {
    await this.#rest.get('POST', `api/kernels/${this.id}/restart`)
    this.#socket.terminate()
    await this.#connect()
  }

  async end(): Promise<void> {
    this.#socket.terminate()
    await this.#rest.ask('DELETE', `api/kernels/${this.id}`)
  }

  /** Again until it is answered: what is sent while a kernel starts or restarts may be lost. */
  async ask(type: string, content: object, answer: string): Promise<Record<string, unknown>> {
    for (const deadline = Date.now() + PATIENCE; ; ) {
      const id = this.#send(type, content)
      try {
        return await this.#answerTo(id, answer, seconds(10))
      } catch (error) {
        if (Date.now() > deadline) throw error
      }
    }
  }

  #send(type: string, content: object): string {
    const id = randomUUID()
    const header = { msg_id: id, msg_type: type, session: 'test', username: '', version: '5.3', date: '' }
    this.#socket.send(JSON.stringify({ channel: 'shell', header, parent_header: {}, metadata: {}, content }))
    return id
  }

  #of = (id: string): Message[] => this.#messages.filter(({ parent_header }) => parent_header.msg_id === id)

  async #answerTo(id: string, type: string, patience: Ms): Promise<Record<string, unknown>> {
    const find = () => this.#of(id).find(({ header }) => header.msg_type === type)
    await this.#until(() => find() !== undefined, patience, `it has sent ${type}`)
    return find()?.content ?? {}
  }

  async #until(holds: () => boolean, patience: Ms, what: string): Promise<void> {
    for (const deadline = Date.now() + patience; !holds(); ) {
      if (Date.now() > deadline) throw new Error(`not within ${patience / 1000} s: ${what}`)
      await Promise.race([this.#heard.promise, sleep(500)])
    }
  }

  #result(id: string, reply: Record<string, unknown>): CellResult {
    const messages = this.#of(id).map(({ header, content }) => ({ type: header.msg_type, content }))
    const shown = messages.flatMap(({ content }) => (content.data === undefined ? [] : [content.data as Mime]))
    const errors = [reply, ...messages.filter(({ type }) => type === 'error').map(({ content }) => content)]
    return {
      status: reply.status as CellResult['status'],
      text: messages.map(({ content }) => textOf(content)).join(''),
      pictures: shown.flatMap(pictureIn),
      html: shown.flatMap((data) => data['text/html'] ?? []),
      error: withoutColours(errors.map(errorText).join('\n')),
    }
  }
}

type Mime = Readonly<Record<string, string>>

const isIdle = ({ header, content }: Message): boolean =>
  header.msg_type === 'status' && content.execution_state === 'idle'

const textOf = ({ text, data }: Record<string, unknown>): string =>
  typeof text === 'string' ? text : ((data as Mime | undefined)?.['text/plain'] ?? '')

const pictureIn = (data: Mime): Picture[] =>
  (['image/png', 'image/svg+xml'] as const).flatMap((type) =>
    data[type] === undefined ? [] : [{ type, data: data[type] }],
  )

const errorText = ({ ename, evalue, traceback = [] }: Record<string, unknown>): string =>
  [ename, evalue, ...(traceback as string[])].filter(Boolean).join('\n')

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are
const withoutColours = (text: string): string => text.replace(/\u001b\[[\d;]*m/g, '')
