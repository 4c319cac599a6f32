import { setTimeout as sleep } from 'node:timers/promises'
import { type Ms, ms, seconds } from '../../../gateway/config/units.ts'

/** Long, because the machine may be small and busy: only a broken promise waits this long. */
export const PATIENCE: Ms = seconds(60)

type Attempt<T> = () => T | Promise<T>

/**
 * Tries until the answer is neither undefined nor false, and gives it. An attempt that fails means "not yet"; the last
 * failure is told if it stays so.
 */
export async function until<T>(
  what: string,
  attempt: Attempt<T | undefined | false>,
  within: Ms = PATIENCE,
  every: Ms = ms(100),
): Promise<T> {
  let last: unknown = 'the answer was no'
  for (const deadline = Date.now() + within; ; await sleep(every)) {
    try {
      const answer = await attempt()
      if (answer !== undefined && answer !== false) return answer
      last = 'the answer was no'
    } catch (error) {
      last = error
    }
    if (Date.now() >= deadline) throw new Error(`${what}: not within ${within / 1000} s (${last})`, { cause: last })
  }
}

/** Gives what the promise gives, or fails saying what did not come. */
export async function within<T>(what: string, promise: PromiseLike<T>, patience: Ms = PATIENCE): Promise<T> {
  const waiting = new AbortController()
  const late = sleep(patience, undefined, { signal: waiting.signal }).then(() => {
    throw new Error(`${what}: not within ${patience / 1000} s`)
  })
  late.catch(() => {})
  try {
    return await Promise.race([promise, late])
  } finally {
    waiting.abort()
  }
}
