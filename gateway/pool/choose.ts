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

/** The least loaded of the candidates; of several, the one that the key prefers, or without a key each with the same chance. */
export function chooseLeastLoaded(candidates: Iterable<Backend>, choice: Choice): Backend | undefined {
  let least = Number.POSITIVE_INFINITY
  let ties: Backend[] = []
  for (const candidate of candidates) {
    const score = (load(candidate) + 1) / warmth(candidate, choice)
    if (score > least) continue
    if (score < least) ties = []
    ties.push(candidate)
    least = score
  }
  if (choice.key !== undefined && ties.length > 1) return rendezvousOrder(ties, choice.key)[0]
  return ties[Math.floor(choice.random() * ties.length)]
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
