import { setTimeout as delay } from 'node:timers/promises'

export interface Loop {
  /** Milliseconds between the end of one task and the start of the next. */
  readonly period: () => number
  readonly task: () => Promise<void>
  readonly onError: (error: unknown) => void
  readonly signal: AbortSignal
  /** Uniform in [0, 1). Each pause is between 80 % and 120 % of the period, so that many gateways do not ask in step. */
  readonly random: () => number
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

/** Repeats a task until the signal aborts. The first is done at once; an error is told and does not end the loop. */
export async function every({ period, task, onError, signal, random, sleep = pause }: Loop): Promise<void> {
  while (!signal.aborted) {
    await task().catch(onError)
    await sleep(period() * (0.8 + 0.4 * random()), signal)
  }
}

/** Resolves early when the signal aborts; does not keep the process alive. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal, ref: false }).catch(() => undefined)
}
