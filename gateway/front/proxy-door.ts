import type { Socket } from 'node:net'
import { readProxyHead } from './proxy-head.ts'
import type { Sweep, Swept } from './sweep.ts'

export interface ProxyDoorOptions {
  readonly socket: Socket
  readonly sweep: Sweep
  /** Milliseconds that the head may take. */
  readonly patience: number
  /** The client's address, or undefined where the proxy speaks for itself. The socket is as if nothing had been read. */
  readonly onRead: (address: string | undefined) => void
  /** The head is none, or does not come; the socket is destroyed. */
  readonly onWrong: () => void
}

/** Where a connection waits until its proxy has said whom it speaks for. */
export class ProxyDoor implements Swept {
  readonly deadline: number
  readonly #options: ProxyDoorOptions
  #bytes: Buffer = Buffer.alloc(0)

  constructor(options: ProxyDoorOptions) {
    this.#options = options
    const { socket, sweep, patience } = options
    this.deadline = sweep.in(patience)
    sweep.add(this)
    socket.on('readable', this.#onReadable)
    socket.on('end', this.#onEnd)
    socket.on('error', ignore) // 'close' follows
    socket.on('close', this.#leave)
  }

  overdue(): void {
    this.#refuse()
  }

  #onReadable = (): void => {
    const { socket } = this.#options
    const part: Buffer | null = socket.read()
    if (part === null) return
    this.#bytes = Buffer.concat([this.#bytes, part])
    const reading = readProxyHead(this.#bytes)
    if (reading === 'more') return
    if (reading === 'wrong') return this.#refuse()
    this.#leave()
    const rest = this.#bytes.subarray(reading.length)
    if (rest.length > 0) socket.unshift(rest)
    this.#options.onRead(reading.address)
  }

  #onEnd = (): void => this.#refuse()

  #refuse(): void {
    this.#leave()
    this.#options.socket.destroy()
    this.#options.onWrong()
  }

  #leave = (): void => {
    const { socket, sweep } = this.#options
    sweep.delete(this)
    socket.off('readable', this.#onReadable)
    socket.off('end', this.#onEnd)
    socket.off('close', this.#leave)
  }
}

function ignore(): void {}
