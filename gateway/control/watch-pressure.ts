import type { MemoryPressure } from '../limits/memory-pressure.ts'
import type { Log } from '../observe/log.ts'
import { every } from './every.ts'

/** How often it is looked at. Milliseconds. */
const period = 1_000

export interface PressureWatchOptions {
  readonly memory: MemoryPressure
  readonly log: Log
  readonly signal: AbortSignal
  readonly random: () => number
  /** Told at each look while memory is short. */
  readonly onPressure: () => void
}

/** Keeps the verdict on memory true, and says when it changes. */
export function watchPressure({ memory, log, signal, random, onPressure }: PressureWatchOptions): void {
  const task = async () => {
    if (memory.look()) {
      if (memory.shedding) log.warn('memory is short: new work is refused')
      else log.info('memory suffices again')
    }
    if (memory.shedding) onPressure()
  }
  const onError = (error: unknown) => log.error({ err: error }, 'memory could not be looked at')
  void every({ period: () => period, task, onError, signal, random })
}
