import type { Backend } from './backend.ts'
import { rendezvousOrder } from './rendezvous.ts'

export interface Choice {
  /** In the pool clock's milliseconds. */
  readonly now: number
  /** How long a backend that has just become ready is spared, in milliseconds. */
  readonly slowStart: number
  /** Uniform in [0, 1): breaks ties. */
  readonly random: () => number
  /** Breaks them instead, and in every gateway alike: two that are asked for the same at once then choose the same. */
  readonly key?: string | undefined
}

/** What a backend carries now: exchanges under way, what is being started there, and its kernels as all see them. */
export function load(backend: Backend): number {
  return backend.inFlight + backend.elsewhere + backend.carries
}

/**
 * The least loaded of the candidates; of several, the one that the key prefers, or without a key each with the same
 * chance.
 */
export function chooseLeastLoaded(candidates: readonly Backend[], choice: Choice): Backend | undefined {
  let least = Number.POSITIVE_INFINITY
  let chosen: Backend | undefined
  let ties = 0
  for (const candidate of candidates) {
    const score = scoreOf(candidate, choice)
    if (score > least) continue
    ties = score < least ? 1 : ties + 1
    least = score
    // Each of so many ties takes the place of the one before it with a chance of one in as many: all have the same.
    if (ties === 1 || choice.random() * ties >= ties - 1) chosen = candidate
  }
  if (choice.key === undefined || ties < 2) return chosen
  const tied = candidates.filter((candidate) => scoreOf(candidate, choice) === least)
  return rendezvousOrder(tied, choice.key)[0]
}

function scoreOf(backend: Backend, choice: Choice): number {
  return (load(backend) + 1) / warmth(backend, choice)
}

/**
 * From 0.1 for a backend that became ready this moment to 1 when its slow start is over. In ten steps, not
 * smoothly: two backends that became ready in the same second must still be able to tie.
 */
function warmth(backend: Backend, { now, slowStart }: Choice): number {
  if (backend.warmingSince === undefined) return 1
  const age = now - backend.warmingSince
  if (age >= slowStart) return 1 // which also says that a slow start of 0 is none
  return (Math.floor((age / slowStart) * 10) + 1) / 10
}
