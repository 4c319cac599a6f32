import type { Destination } from './log.ts'

/** How much is gathered, and for how long. Bytes and milliseconds. */
const usualMost = 16 * 1024
const usualDelay = 100

/** UTF-8 of one unit of a string takes no more bytes than that. */
const longestUnit = 3

export interface ByteDestination {
  /** The bytes are its own from then on. */
  write(lines: Buffer): void
  flushSync?(): void
}

/**
 * Lines that go on many at a time. A write to a file passes through another thread, and one for each line cost more CPU
 * than all the rest of a small exchange. As bytes from the beginning: a line is put together of dozens of strings, and
 * thousands of them that wait in memory cost more than those that are copied at once.
 */
export class Gathering implements Destination {
  readonly #target: ByteDestination
  readonly #most: number
  readonly #delay: number
  #room: Buffer
  #used = 0
  #timer: NodeJS.Timeout | undefined

  constructor(target: ByteDestination, { most = usualMost, delay = usualDelay } = {}) {
    this.#target = target
    this.#most = most
    this.#delay = delay
    this.#room = Buffer.allocUnsafeSlow(most)
  }

  write(line: string): void {
    const longest = line.length * longestUnit
    if (longest > this.#most - this.#used) this.#passOn()
    if (longest > this.#most) return this.#target.write(Buffer.from(line))
    this.#used += this.#room.write(line, this.#used)
    this.#timer ??= setTimeout(this.#passOn, this.#delay).unref()
  }

  flushSync(): void {
    this.#passOn()
    this.#target.flushSync?.()
  }

  #passOn = (): void => {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#used === 0) return
    const lines = this.#room.subarray(0, this.#used)
    this.#room = Buffer.allocUnsafeSlow(this.#most)
    this.#used = 0
    this.#target.write(lines)
  }
}
