import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Entry } from './entry.ts'
import type { Operations } from './operations.ts'
import type { BackendOverview, Overview } from './overview.ts'
import { callerOf, isWebSocket, refuse } from './respond.ts'

/** What a viewer hears: JSON. `at` is when it was so, in milliseconds since 1970 by this machine's clock. */
export type FeedNews =
  | { readonly kind: 'overview'; readonly at: number; readonly overview: Overview }
  /** All is as it was told last, but for times that pass. */
  | { readonly kind: 'same'; readonly at: number }

export interface FeedOptions {
  readonly operations: Pick<Operations, 'overview'>
  readonly entry: Entry
  /** Milliseconds from one look to the next. */
  readonly every?: number
  readonly mostViewers?: number
  /** In looks: so long may a viewer take nothing, or not answer a ping. */
  readonly patience?: number
}

/** Of looks: after so many without a change a viewer is told that all is the same. */
const heartbeat = 5

/** A close code of our own. The page is not told it by every browser, and asks /session after any close. */
const LOG_IN_AGAIN = 4401

interface Viewer {
  readonly socket: WebSocket
  /** When it must log in again, in milliseconds since 1970. */
  readonly until: number
  /** Which state of things it was told last. */
  told: number
  /** Looks since it was told anything, and since it last gave a sign of life. */
  quiet: number
  silent: number
}

/**
 * Tells operators what changes, about once a second, as long as somebody looks. Who is slow misses what was between:
 * nothing waits for them here but the frame that is on its way.
 */
export class Feed {
  readonly #options: Required<FeedOptions>
  readonly #viewers = new Set<Viewer>()
  // What a viewer says is not listened to.
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 1024, perMessageDeflate: false })
  #timer: NodeJS.Timeout | undefined
  #isLooking = false
  #seen = ''
  #changes = 0

  constructor(options: FeedOptions) {
    this.#options = { every: 1_000, mostViewers: 20, patience: 30, ...options }
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { entry, mostViewers } = this.#options
    socket.on('error', () => socket.destroy())
    const outcome = entry.admit(callerOf(request))
    if (!entry.isGuarded) return refuse(socket, 404)
    if ('refused' in outcome) return refuse(socket, outcome.refused)
    if (this.#viewers.size >= mostViewers) return refuse(socket, 503)
    this.#server.handleUpgrade(request, socket, head, (socket) => this.#join(socket, outcome.until))
  }

  /** Who looks must log in again. */
  sendAway(): void {
    for (const { socket } of this.#viewers) socket.close(LOG_IN_AGAIN, 'log in again')
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const { socket } of this.#viewers) socket.terminate()
    this.#viewers.clear()
  }

  #join(socket: WebSocket, until: number): void {
    const viewer: Viewer = { socket, until, told: 0, quiet: 0, silent: 0 }
    this.#viewers.add(viewer)
    socket.on('error', () => {}) // 'close' follows
    socket.on('pong', () => {
      viewer.silent = 0
    })
    socket.on('close', () => {
      this.#viewers.delete(viewer)
      if (this.#viewers.size === 0) clearTimeout(this.#timer)
    })
    if (!this.#isLooking) void this.#look()
  }

  async #look(): Promise<void> {
    const { operations, every } = this.#options
    clearTimeout(this.#timer)
    this.#isLooking = true
    const overview = await operations.overview().catch(() => undefined)
    this.#isLooking = false
    if (overview) this.#tell(overview, Date.now())
    if (this.#viewers.size > 0) this.#timer = setTimeout(() => void this.#look(), every).unref()
  }

  #tell(overview: Overview, at: number): void {
    const seen = JSON.stringify(lasting(overview))
    if (seen !== this.#seen) this.#changes++
    this.#seen = seen
    const full = once(() => JSON.stringify({ kind: 'overview', at, overview } satisfies FeedNews))
    const same = once(() => JSON.stringify({ kind: 'same', at } satisfies FeedNews))
    for (const viewer of this.#viewers) this.#tellOne(viewer, at, full, same)
  }

  #tellOne(viewer: Viewer, at: number, full: () => string, same: () => string): void {
    const { socket } = viewer
    const { patience } = this.#options
    if (at >= viewer.until) return socket.close(LOG_IN_AGAIN, 'log in again')
    if (++viewer.silent > patience) return socket.terminate()
    if (socket.bufferedAmount > 0) return
    if (viewer.silent > patience / 2) socket.ping()
    if (viewer.told !== this.#changes) socket.send(full())
    else if (++viewer.quiet >= heartbeat) socket.send(same())
    else return
    viewer.told = this.#changes
    viewer.quiet = 0
  }
}

export function isForFeed({ url, headers }: IncomingMessage): boolean {
  return url?.split('?', 1)[0] === '/feed' && isWebSocket(headers)
}

/** Without what changes by the mere passing of time. */
function lasting({ backends, certificate, ...others }: Overview): unknown {
  const untimed = ({ stateMs: _, ...backend }: BackendOverview) => backend
  return { ...others, backends: backends.map(untimed), certificate }
}

function once(make: () => string): () => string {
  let made: string | undefined
  return () => {
    made ??= make()
    return made
  }
}
