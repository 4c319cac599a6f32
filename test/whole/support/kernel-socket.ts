import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { Cluster } from './cluster.ts'
import { until, within } from './until.ts'

interface Message {
  readonly parent_header: { readonly msg_id?: string }
  readonly header: { readonly msg_type: string }
  readonly content: { readonly text?: string; readonly execution_state?: string }
}

/**
 * One WebSocket to a kernel whose loss we control to the byte. Without a subprotocol, so each message is JSON.
 * Only where TLS is off.
 */
export class KernelSocket {
  readonly messages: Message[] = []
  readonly #socket: WebSocket
  readonly #connection: Socket
  readonly #session: string

  private constructor(socket: WebSocket, connection: Socket, session: string) {
    this.#socket = socket
    this.#connection = connection
    this.#session = session
    socket.on('message', (data) => this.messages.push(JSON.parse(String(data))))
    socket.on('error', () => {}) // it may be torn by us
  }

  static async open(cluster: Cluster, kernel: string, session: string): Promise<KernelSocket> {
    const opened = KernelSocket.attempt(cluster, kernel, session)
    await within('a WebSocket to the kernel', once(opened.#socket, 'open'))
    return opened
  }

  /** Does not wait until it is open. */
  static attempt({ url, token }: Cluster, kernel: string, session: string): KernelSocket {
    const address = new URL(`api/kernels/${kernel}/channels?session_id=${session}&token=${token}`, url)
    address.protocol = 'ws:'
    const connection = connect({ host: '127.0.0.1', port: Number(address.port) })
    const socket = new WebSocket(address, { createConnection: () => connection })
    return new KernelSocket(socket, connection, session)
  }

  /** Sends a cell and does not wait for it. */
  execute(code: string): string {
    const id = randomUUID()
    const header = { msg_id: id, msg_type: 'execute_request', session: this.#session, username: '', version: '5.3' }
    const content = { code, silent: false, store_history: false, user_expressions: {}, allow_stdin: false }
    this.#socket.send(JSON.stringify({ header, parent_header: {}, metadata: {}, content, channel: 'shell' }))
    return id
  }

  /** What the cell has printed. */
  printed(id: string): string {
    return this.#of(id)
      .map(({ content }) => content.text ?? '')
      .join('')
  }

  async ends(id: string): Promise<void> {
    await until('the end of the cell', () => this.types(id).includes('execute_reply') && this.#isIdle(id))
  }

  types(id: string): string[] {
    return this.#of(id).map(({ header }) => header.msg_type)
  }

  #of(id: string): Message[] {
    return this.messages.filter((message) => message.parent_header.msg_id === id)
  }

  #isIdle = (id: string) => this.#of(id).some(({ content }) => content.execution_state === 'idle')

  async close(): Promise<void> {
    this.#socket.close(1000)
    await within('the answer to a close frame', once(this.#socket, 'close'))
  }

  /** A reset: the other side learns of it at once. */
  reset(): void {
    this.#connection.resetAndDestroy()
  }

  /** Like a computer put to sleep: neither reads nor answers nor ends, and nobody is told. */
  vanish(): void {
    this.#connection.pause()
    this.#connection.removeAllListeners('data')
  }

  /** The client's half of the connection, politely. */
  end(): void {
    this.#connection.end()
  }

  /** Ends what has vanished. */
  destroy(): void {
    this.#connection.destroy()
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }
}
