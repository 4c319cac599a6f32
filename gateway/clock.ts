import { setTimeout as delay } from 'node:timers/promises'

/** A clock that never goes back, in milliseconds. */
export function now(): number {
  return performance.now()
}

export function sleep(milliseconds: number): Promise<void> {
  return delay(milliseconds, undefined, { ref: false })
}
