import { fstatSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'

/**
 * How much may wait for a reader that has stopped reading. What comes after is lost: better lines than the gateway,
 * which would stop serving if it waited for its log, or end if it kept all of it.
 */
export const longestBacklog = 16 * 1024 * 1024

/** What a pipe takes whole or not at all (PIPE_BUF): lines of several processes do not mix. Bytes. */
const longestPiece = 4096

/** How long lines wait for others to be written together: a write costs as much as several lines. Milliseconds. */
const longestDelay = 50

/** Between two tries at a full pipe, doubled while nothing moves. Milliseconds. */
const shortestPause = 2
const longestPause = 100
/** How long the end of the process waits for a reader that does not read. Milliseconds. */
const patienceAtExit = 1_000

interface Piece {
  text: string
  bytes: number
}

/**
 * Lines into a pipe or socket, which never wait: what it does not take is kept for later, and dropped beyond a bound.
 *
 * Not pino's own destination, which writes in a thread that then hangs in a full pipe, and the process with it when it
 * wants to end. Nor a stream of Node's, which joins what waits into writes that a pipe tears apart.
 */
export class Outlet {
  /** Lines that were lost. */
  dropped = 0
  readonly #fd: number
  readonly #onRecovered: (lines: number) => void
  readonly #longestBacklog: number
  readonly #pieces: Piece[] = []
  /** Of the first piece, what a socket did not take. */
  #rest: Buffer | undefined
  #backlog = 0
  #unsaid = 0
  #phase: 'idle' | 'gathering' | 'writing' = 'idle'
  #timer: NodeJS.Timeout | undefined
  #pause = shortestPause
  #broken = false

  /** `onRecovered` is told how many lines were lost when there is room again. */
  constructor(fd: number, onRecovered: (lines: number) => void, { backlog = longestBacklog } = {}) {
    this.#fd = fd
    this.#onRecovered = onRecovered
    this.#longestBacklog = backlog
  }

  write(line: string): void {
    if (this.#broken) return
    const bytes = Buffer.byteLength(line)
    if (this.#backlog + bytes > this.#longestBacklog) {
      this.dropped++
      this.#unsaid++
      return
    }
    this.#backlog += bytes
    const last = this.#pieces.at(-1)
    // Not to the first one once a part of it is gone.
    if (last && this.#pieces.length > (this.#rest ? 1 : 0) && last.bytes + bytes <= longestPiece) {
      last.text += line
      last.bytes += bytes
    } else {
      this.#pieces.push({ text: line, bytes })
    }
    if (this.#phase === 'idle') {
      this.#phase = 'gathering'
      this.#timer = setTimeout(this.#pump, longestDelay).unref()
    } else if (this.#phase === 'gathering' && this.#pieces.length > 1) {
      this.#phase = 'writing'
      clearTimeout(this.#timer)
      setImmediate(this.#pump)
    }
  }

  /** Writes what waits, as the process ends; only as long as somebody reads it. */
  flushSync(): void {
    const never = new Int32Array(new SharedArrayBuffer(4))
    for (let waited = 0; this.#pieces.length > 0 && !this.#broken; ) {
      if (this.#writeFirst()) {
        waited = 0
        continue
      }
      if (waited >= patienceAtExit) return
      Atomics.wait(never, 0, 0, 10)
      waited += 10
    }
  }

  #pump = (): void => {
    this.#phase = 'writing'
    while (this.#pieces.length > 0 && !this.#broken) {
      if (this.#writeFirst()) {
        this.#pause = shortestPause
        continue
      }
      setTimeout(this.#pump, this.#pause).unref()
      this.#pause = Math.min(this.#pause * 2, longestPause)
      return
    }
    this.#phase = 'idle'
    if (this.#unsaid === 0) return
    const lines = this.#unsaid
    this.#unsaid = 0
    this.#onRecovered(lines)
  }

  /** False: it takes nothing now. */
  #writeFirst(): boolean {
    const piece = this.#pieces[0] as Piece
    try {
      const written = this.#rest ? writeSync(this.#fd, this.#rest) : writeSync(this.#fd, piece.text)
      const left = (this.#rest?.length ?? piece.bytes) - written
      this.#backlog -= written
      if (left === 0) {
        this.#pieces.shift()
        this.#rest = undefined
      } else {
        this.#rest = Buffer.from(piece.text).subarray(piece.bytes - left)
      }
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false
      // Nobody reads any more, and nobody will.
      this.#broken = true
      this.#pieces.length = 0
      return true
    }
  }
}

/** Whether that descriptor can make a writer wait for a reader: a pipe or a socket. */
export function isPipe(fd: number): boolean {
  try {
    const kind = fstatSync(fd)
    return kind.isFIFO() || kind.isSocket()
  } catch {
    return false
  }
}

/** Keeps the descriptor open: with its wrapper it would be closed. */
const kept: Socket[] = []

/**
 * Writes to it fail rather than wait from now on. libuv does that for every stream it opens; nothing else of it is
 * used.
 */
export function neverWait(fd: number): void {
  kept.push(new Socket({ fd, readable: false, writable: true }).unref())
}
