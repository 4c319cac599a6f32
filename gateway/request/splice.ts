import type { Duplex } from 'node:stream'
import { whenWritten } from '../http1/recycled.ts'
import { endSocket } from './end-socket.ts'

/** What passed between a client and its backend. */
export interface Passed {
  bytesIn: number
  bytesOut: number
}

export interface Leg {
  readonly socket: Duplex
  /** Bytes that were read already. */
  readonly rest: Buffer
}

/** What passes is counted here as well, for all together, and as it passes. */
export interface SpliceOwner extends Passed {
  readonly times: SpliceTimes
}

export interface SpliceTimes {
  /** Milliseconds. */
  readonly replaceTime: number
  /** How long a client may take nothing of what its backend says. Milliseconds. */
  readonly sendTimeout: number
}

/**
 * Two sockets joined: all that comes from one goes to the other, and so does its end. Thousands of these rest at a time:
 * what listens is no more than must be, and all of it knows this object alone.
 */
export class Splice implements Passed {
  bytesIn = 0
  bytesOut = 0
  readonly #client: Duplex
  readonly #backend: Duplex
  readonly #owner: SpliceOwner
  readonly #onClosed: () => void
  #open = 2
  /** Runs while the client takes nothing. */
  #stuck: NodeJS.Timeout | undefined

  /** `onClosed` is called once, when both are. */
  constructor(client: Leg, backend: Leg, owner: SpliceOwner, onClosed: () => void) {
    this.#client = client.socket
    this.#backend = backend.socket
    this.#owner = owner
    this.#onClosed = onClosed
    this.#listenToClient(client.socket)
    this.#listenToBackend(backend.socket)
    for (const { socket } of [client, backend]) socket.on('error', ignore)
    if (client.rest.length > 0) this.#toBackend(client.rest)
    if (backend.rest.length > 0) this.#toClient(backend.rest)
    for (const [from, to] of [
      [client.socket, backend.socket],
      [backend.socket, client.socket],
    ] as const) {
      if (from.destroyed) endSocket(to)
      else from.resume()
    }
  }

  /** Resolves when the backend has seen that, or takes too long. */
  endBackendLeg(): Promise<void> {
    return endAndWait(this.#backend, this.#owner.times.replaceTime)
  }

  destroy(): void {
    this.#client.destroy()
    this.#backend.destroy()
  }

  #listenToClient(socket: Duplex): void {
    socket.on('data', (chunk: Buffer) => this.#toBackend(chunk))
    socket.on('end', () => endSocket(this.#backend))
    socket.on('drain', () => {
      this.#takesAgain()
      this.#backend.resume()
    })
    socket.on('close', () => {
      this.#takesAgain()
      this.#closed(this.#backend)
    })
  }

  #listenToBackend(socket: Duplex): void {
    socket.on('data', (chunk: Buffer) => this.#toClient(chunk))
    socket.on('end', () => endSocket(this.#client))
    socket.on('drain', () => void this.#client.resume())
    socket.on('close', () => this.#closed(this.#client))
  }

  #toBackend(chunk: Buffer): void {
    this.bytesIn += chunk.length
    this.#owner.bytesIn += chunk.length
    if (!passOn(chunk, this.#backend)) this.#client.pause()
  }

  /** A client that takes nothing is cut off: held back, its backend could not even tell us that it has given it up. */
  #toClient(chunk: Buffer): void {
    this.bytesOut += chunk.length
    this.#owner.bytesOut += chunk.length
    const client = this.#client
    if (passOn(chunk, client)) return
    this.#backend.pause()
    // Beside that a byte for each millisecond, as a slow client is none that takes nothing.
    const patience = this.#owner.times.sendTimeout + client.writableLength
    this.#stuck ??= setTimeout(() => client.destroy(), patience).unref()
  }

  #takesAgain(): void {
    clearTimeout(this.#stuck)
    this.#stuck = undefined
  }

  #closed(other: Duplex): void {
    endSocket(other)
    if (--this.#open === 0) this.#onClosed()
  }
}

/** False: it takes no more for now. */
function passOn(chunk: Buffer, to: Duplex): boolean {
  return !to.writable || to.write(chunk, whenWritten(chunk))
}

function endAndWait(socket: Duplex, patience: number): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve()
    const cut = setTimeout(() => socket.destroy(), patience)
    socket.once('close', () => {
      clearTimeout(cut)
      resolve()
    })
    // Its own end is the server's word that it saw ours.
    socket.once('end', () => socket.destroy())
    socket.end()
    socket.resume()
  })
}

/** 'close' follows. */
function ignore(): void {}
