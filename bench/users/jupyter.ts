import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent, request } from 'node:https'
import { WebSocket } from 'ws'

export interface Gateway {
  /** With a slash at the end. */
  readonly url: URL
  readonly token: string
  /** Whom to trust beside the system's authorities: PEM. */
  readonly ca: string | undefined
}

export interface Reply {
  readonly status: number
  readonly body: Buffer
}

/** How long any answer may take. A kernel's start on a busy cluster takes a minute. Milliseconds. */
const patience = 120_000

/** A browser, as far as the gateway sees one: six connections, a token, WebSockets. */
export class Browser {
  readonly #gateway: Gateway
  readonly #agent: Agent | PlainAgent

  constructor(gateway: Gateway) {
    this.#gateway = gateway
    const options = { keepAlive: true, maxSockets: 6 }
    this.#agent =
      gateway.url.protocol === 'https:' ? new Agent({ ...options, ...this.#trust() }) : new PlainAgent(options)
  }

  close(): void {
    this.#agent.destroy()
  }

  /** Below the gateway's address; rejects with a sentence where the answer is not of those that are `good`. */
  async ask(method: string, path: string, body?: unknown, good = [200]): Promise<Reply> {
    const { url, token } = this.#gateway
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
    const headers = {
      Authorization: `token ${token}`,
      ...(bytes && { 'Content-Type': 'application/json', 'Content-Length': bytes.length }),
    }
    const send = url.protocol === 'https:' ? request : plainRequest
    const signal = AbortSignal.timeout(patience)
    const call = send(new URL(path, url), { method, headers, agent: this.#agent, signal })
    call.end(bytes)
    const [response] = (await once(call, 'response')) as [IncomingMessage]
    const whole = Buffer.concat((await response.toArray()) as Buffer[])
    const status = response.statusCode ?? 0
    if (!good.includes(status)) throw new Error(`${method} was answered ${status}`)
    return { status, body: whole }
  }

  async askJson<T>(method: string, path: string, body?: unknown, good?: number[]): Promise<T> {
    return JSON.parse((await this.ask(method, path, body, good)).body.toString()) as T
  }

  async openKernel(id: string): Promise<KernelSocket> {
    const { url, token } = this.#gateway
    const session = randomUUID()
    const address = new URL(`api/kernels/${id}/channels?session_id=${session}`, url)
    address.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    const headers = { Authorization: `token ${token}`, Origin: url.origin }
    const socket = new WebSocket(address, {
      headers,
      perMessageDeflate: false,
      handshakeTimeout: patience,
      ...this.#trust(),
    })
    await once(socket, 'open')
    return new KernelSocket(socket, session)
  }

  #trust(): { ca?: string } {
    const { ca } = this.#gateway
    return ca === undefined ? {} : { ca }
  }
}

interface Message {
  readonly parent_header?: { readonly msg_id?: string }
  readonly header: { readonly msg_type: string }
  readonly content: { readonly text?: string; readonly execution_state?: string; readonly ename?: string }
}

/** A kernel's WebSocket, in the JSON form of its protocol. */
export class KernelSocket {
  readonly #socket: WebSocket
  readonly #session: string

  constructor(socket: WebSocket, session: string) {
    this.#socket = socket
    this.#session = session
    socket.on('error', () => {}) // 'close' follows
  }

  /** What a cell prints; resolves when the kernel is idle again. */
  run(code: string): Promise<string> {
    const id = randomUUID()
    const header = {
      msg_id: id,
      msg_type: 'execute_request',
      session: this.#session,
      username: 'bench',
      version: '5.3',
    }
    const content = { code, silent: false, store_history: true, allow_stdin: false, stop_on_error: true }
    this.#socket.send(JSON.stringify({ channel: 'shell', header, parent_header: {}, metadata: {}, content }))
    return new Promise((resolve, reject) => {
      let printed = ''
      const end = (error?: Error) => {
        clearTimeout(late)
        this.#socket.off('message', hear)
        this.#socket.off('close', lost)
        if (error) reject(error)
        else resolve(printed)
      }
      const hear = (data: Buffer) => {
        const { parent_header, header, content } = JSON.parse(data.toString()) as Message
        if (parent_header?.msg_id !== id) return
        if (header.msg_type === 'stream') printed += content.text ?? ''
        else if (header.msg_type === 'error') end(new Error(`the cell failed: ${content.ename}`))
        else if (header.msg_type === 'status' && content.execution_state === 'idle') end()
      }
      const lost = () => end(new Error('the WebSocket was cut'))
      const late = setTimeout(() => end(new Error(`no answer of the kernel in ${patience / 1_000} s`)), patience)
      this.#socket.on('message', hear)
      this.#socket.on('close', lost)
      if (this.#socket.readyState !== WebSocket.OPEN) lost()
    })
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  close(): void {
    this.#socket.close()
  }
}
