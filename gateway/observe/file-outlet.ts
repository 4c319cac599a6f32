import { write, writeSync } from 'node:fs'
import type { ByteDestination } from './gathering.ts'
import { longestBacklog } from './outlet.ts'

/** Between two tries at a terminal that takes nothing for now. Milliseconds. */
const pause = 100

/** How long the end of the process waits for the write that another thread is at. It takes microseconds. Milliseconds. */
const patienceAtExit = 20

/**
 * Lines into a file or a terminal, one write at a time, in another thread: a disk may take seconds for it. What cannot be
 * written is tried again with the next lines, and dropped beyond a bound: a full disk costs the log, not the gateway.
 *
 * Not pino's own destination, which at the end of the process does not wait for that thread, so that the last lines come
 * before those that are older; and which tries for ever to write them where the disk is full.
 */
export class FileOutlet implements ByteDestination {
  readonly #fd: number
  /** What is being written, or could not be. */
  #piece: Buffer | undefined
  readonly #next: Buffer[] = []
  #backlog = 0
  #phase: 'idle' | 'writing' | 'waiting' | 'broken' = 'idle'

  constructor(fd: number) {
    this.#fd = fd
  }

  write(lines: Buffer): void {
    if (this.#backlog + lines.length <= longestBacklog) {
      this.#backlog += lines.length
      this.#next.push(lines)
    }
    if (this.#phase === 'idle' || this.#phase === 'broken') this.#go()
  }

  flushSync(): void {
    if (this.#phase === 'broken') return
    if (this.#phase === 'writing') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, patienceAtExit)
    else if (this.#piece) this.#next.unshift(this.#piece)
    try {
      for (const piece of this.#next.splice(0)) this.#writeNow(piece)
    } catch {
      // Nobody can be told any more.
    }
  }

  #go = (): void => {
    this.#piece ??= this.#next.shift()
    this.#phase = this.#piece ? 'writing' : 'idle'
    if (this.#piece) write(this.#fd, this.#piece, this.#onWritten)
  }

  #onWritten = (error: NodeJS.ErrnoException | null, written: number, piece: Buffer): void => {
    if (error) {
      this.#phase = error.code === 'EAGAIN' ? 'waiting' : 'broken'
      if (this.#phase === 'waiting') setTimeout(this.#go, pause).unref()
      return
    }
    this.#backlog -= written
    this.#piece = written < piece.length ? piece.subarray(written) : undefined
    this.#go()
  }

  #writeNow(piece: Buffer): void {
    for (let at = 0; at < piece.length; ) at += writeSync(this.#fd, piece, at)
    this.#backlog -= piece.length
  }
}
