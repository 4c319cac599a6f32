import { type Ms, seconds } from '../../gateway/config/units.ts'

/** What a person reads while things are made ready. Only the words of the program itself go here, never a log. */
export interface Progress {
  /** A line that stays. */
  say(text: string): void
  /** What is being done right now: replaced by the next one on a terminal, at most now and then a line elsewhere. */
  doing(text: string): void
}

interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const ERASE_LINE = '\r\u001b[K'

export function progressOn(screen: Screen, every: Ms = seconds(10), clock: () => number = Date.now): Progress {
  let lastWritten = -Infinity
  let transient = false

  const say = (text: string) => {
    screen.write(`${transient ? ERASE_LINE : ''}${text}\n`)
    transient = false
    lastWritten = clock()
  }

  const doing = (text: string) => {
    if (screen.isTTY === true) {
      // One column is left free: a terminal wraps a full line, and only its last row would be erased.
      screen.write(`${ERASE_LINE}${`  ${text}`.slice(0, (screen.columns || 80) - 1)}`)
      transient = true
    } else if (clock() - lastWritten >= every) {
      say(`  ${text}`)
    }
  }

  return { say, doing }
}

export const silent: Progress = { say() {}, doing() {} }
