import type { Log } from '../observe/log.ts'
import type { Discovery } from './discovery.ts'
import { every, type Loop } from './every.ts'
import type { Roster } from './roster.ts'

/** How often discovery is asked, whatever an answer says of its own lifetime. Milliseconds. */
const discoverEvery = 1_500

export interface Discovering {
  readonly discovery: Discovery
  readonly roster: Roster
  /** Once, when discovery has spoken for the first time, or has not: what else is known of who exists. */
  readonly afterFirst: () => void
  readonly log: Log
  readonly signal: AbortSignal
  readonly random: () => number
  readonly sleep?: Loop['sleep']
}

/** Keeps the pool at what discovery says, until the signal aborts. */
export function discover(options: Discovering): Promise<void> {
  const { discovery, roster, log, signal, random, sleep } = options
  let { afterFirst } = options
  let fault: string | undefined
  const ask = async () => {
    try {
      roster.named(await discovery.addresses(signal))
      if (fault !== undefined) log.info('discovery answers again')
      fault = undefined
    } catch (error) {
      if (signal.aborted) return
      const message = error instanceof Error ? error.message : String(error)
      // Once, and not every second for as long as it lasts.
      if (fault === undefined) log.warn({ fault: message }, 'discovery failed; the backends known so far are kept')
      fault = message
    }
  }
  const task = async () => {
    await ask()
    afterFirst()
    afterFirst = () => {}
    roster.sweep()
  }
  const onError = (error: unknown) => log.error({ err: error }, 'discovery failed in the gateway itself')
  return every({ period: () => discoverEvery, task, onError, signal, random, ...(sleep && { sleep }) })
}
