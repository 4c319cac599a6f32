import { Trouble } from './trouble.ts'

/** Of the engine's answers that refuse something, as dockerode makes errors of them. */
interface EngineError extends Error {
  readonly statusCode: number
  readonly json?: { readonly message?: string } | null
}

const FULL = /no space left on device|ENOSPC|disk quota exceeded|EDQUOT/i
const ROOM =
  'A disk is full: `df -h` tells which, `docker system df` what the engine keeps. Make room, and the same command goes on.'

const NO_MANAGER =
  'This machine is no manager of a cluster: run this on the first machine. `pyli manager` makes this one the first.'

/** What a person can do something about, in their words. Undefined for a fault of ours, whose stack is wanted. */
export function sentenceOf(error: unknown): string | undefined {
  if (error instanceof Trouble) return FULL.test(error.message) ? `${error.message}\n${ROOM}` : error.message
  if (!(error instanceof Error)) return undefined
  if (FULL.test(error.message)) return `${plainly(error)}\n${ROOM}`
  // The engine's own advice would make a swarm by hand.
  if (/not a swarm manager/i.test(error.message)) return NO_MANAGER
  if (isEngineError(error)) return `The Docker engine refuses that: ${plainly(error)}.`
  return undefined
}

const isEngineError = (error: Error): error is EngineError =>
  typeof (error as Partial<EngineError>).statusCode === 'number'

/** Without what the client's library puts before it. */
function plainly(error: Error): string {
  const said = isEngineError(error) ? error.json?.message : undefined
  return (said ?? error.message.replace(/^\(HTTP code \d+\) [^-]* - /, '')).trim().replace(/\.$/, '')
}
