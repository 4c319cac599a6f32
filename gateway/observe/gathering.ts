import type { Destination } from './log.ts'

/** How much is gathered, and for how long. Characters and milliseconds. */
const usualMost = 16 * 1024
const usualDelay = 100

/**
 * Lines that go on many at a time. A write to a file passes through another thread, and one for each line cost more CPU
 * than all the rest of a small exchange; and sonic-boom, which could gather them, looks through all that it has with
 * each line that is added.
 */
export class Gathering implements Destination {
  readonly #target: Destination
  readonly #most: number
  readonly #delay: number
  #lines = ''
  #timer: NodeJS.Timeout | undefined

  constructor(target: Destination, { most = usualMost, delay = usualDelay } = {}) {
    this.#target = target
    this.#most = most
    this.#delay = delay
  }

  write(line: string): void {
    this.#lines += line
    if (this.#lines.length >= this.#most) this.#passOn()
    else this.#timer ??= setTimeout(this.#passOn, this.#delay).unref()
  }

  flushSync(): void {
    this.#passOn()
    this.#target.flushSync?.()
  }

  #passOn = (): void => {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const lines = this.#lines
    this.#lines = ''
    if (lines !== '') this.#target.write(lines)
  }
}
