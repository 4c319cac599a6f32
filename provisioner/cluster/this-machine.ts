import { hostname, userInfo } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import Docker from 'dockerode'
import type { Context } from '../context.ts'
import { run } from '../host/run.ts'
import { Interrupted, Trouble } from '../local/trouble.ts'
import type { Machine } from './machine.ts'

export const thisMachine = ({ progress, stop }: Context): Machine => ({
  name: hostname(),
  run,
  engine: new Docker(),
  progress,
  stop,
  sleep: (time, signal) => setTimeout(time, undefined, { signal }),
  clock: Date.now,
})

export function mustBeRoot(command: string): void {
  if (userInfo().uid !== 0)
    throw new Trouble(`pyli ${command} looks at and sets up what is for root alone: run it with sudo.`)
}

/** Whoever asked us to end is told that nothing is lost. */
export async function goesOn<T>(command: string, { stop, progress }: Context, work: () => Promise<T>): Promise<T> {
  const hear = () => progress.say('Ending as soon as this step can be left (once more ends at once)')
  stop.addEventListener('abort', hear)
  try {
    return await work()
  } catch (error) {
    if (!stop.aborted) throw error
    throw new Interrupted(`Interrupted. \`pyli ${command}\` with the same options goes on from here.`)
  } finally {
    stop.removeEventListener('abort', hear)
  }
}
