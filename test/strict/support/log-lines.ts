import { createLog, type Log } from '../../../gateway/observe/log.ts'

export interface LogLines {
  readonly log: Log
  /** Those that say this failure. */
  of(failure: string): Record<string, unknown>[]
}

/** A log that is kept. */
export function logLines(): LogLines {
  const lines: Record<string, unknown>[] = []
  const log = createLog('json', { write: (line) => void lines.push(JSON.parse(line)) })
  return { log, of: (failure) => lines.filter((line) => line.failure === failure) }
}
