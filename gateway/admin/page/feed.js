/** @import { FeedNews } from '../feed.ts' */

/**
 * live     news come
 * silent   connected, and nothing has been heard for a while
 * lost     not connected; tried again after a pause
 * @typedef {'waiting' | 'live' | 'silent' | 'lost'} Link
 */

/**
 * @typedef {object} FeedListener
 * @property {(news: FeedNews) => void} news
 * @property {(link: Link, again: number) => void} link `again`: when it is tried again, by performance.now()
 * @property {() => void} loggedOut
 */

/** Milliseconds. The gateway says something every five seconds, even if all is the same. */
const silence = 8_000
const giveUp = 20_000
const shortestPause = 500
const longestPause = 10_000
/** So long after nobody looks at the page any more the gateway is left alone. */
const unseen = 10_000

/** What the gateway says, over a WebSocket that is made again whenever it is lost. */
export class Feed {
  /** @type {FeedListener} */ #listener
  /** @type {WebSocket | undefined} */ #socket
  #failures = 0
  #heard = 0
  #isWanted = false
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #again
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #resting

  /** @param {FeedListener} listener */
  constructor(listener) {
    this.#listener = listener
    setInterval(() => this.#watch(), 1_000)
    document.addEventListener('visibilitychange', () => this.#seen(!document.hidden))
  }

  start() {
    this.#isWanted = true
    this.#failures = 0
    this.#connect()
  }

  stop() {
    this.#isWanted = false
    clearTimeout(this.#again)
    this.#socket?.close()
    this.#socket = undefined
  }

  #connect() {
    clearTimeout(this.#again)
    this.#socket?.close()
    const socket = new WebSocket('feed')
    this.#socket = socket
    this.#heard = performance.now()
    socket.addEventListener('message', ({ data }) => {
      if (socket !== this.#socket) return
      this.#heard = performance.now()
      this.#failures = 0
      this.#listener.link('live', 0)
      this.#listener.news(JSON.parse(data))
    })
    socket.addEventListener('close', () => {
      if (socket === this.#socket && this.#isWanted) void this.#lost()
    })
  }

  async #lost() {
    this.#socket = undefined
    const pause = Math.min(longestPause, shortestPause * 2 ** this.#failures++) * (0.8 + 0.4 * Math.random())
    this.#listener.link('lost', performance.now() + pause)
    // A browser does not tell a page why it was refused.
    const answer = await fetch('session', { signal: AbortSignal.timeout(giveUp) }).catch(() => undefined)
    if (!this.#isWanted || this.#socket || document.hidden) return
    if (answer?.status === 401) {
      this.stop()
      return this.#listener.loggedOut()
    }
    this.#again = setTimeout(() => this.#connect(), pause)
  }

  #watch() {
    if (!this.#socket) return
    const quiet = performance.now() - this.#heard
    if (quiet > giveUp) this.#socket.close()
    // A connection that hangs does not close by itself, nor when it is asked to.
    if (quiet > giveUp) void this.#lost()
    else if (quiet > silence) this.#listener.link('silent', 0)
  }

  /** @param {boolean} seen */
  #seen(seen) {
    clearTimeout(this.#resting)
    if (!this.#isWanted) return
    if (!seen) this.#resting = setTimeout(() => this.#rest(), unseen)
    else if (!this.#socket) this.#connect()
  }

  #rest() {
    clearTimeout(this.#again)
    const socket = this.#socket
    this.#socket = undefined
    socket?.close()
    this.#listener.link('waiting', 0)
  }
}
