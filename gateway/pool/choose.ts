import type { Backend } from './backend.ts'

export interface Choice {
  /** In the pool clock's milliseconds. */
  readonly now: number
  /** How long a backend that has just become ready is spared, in milliseconds. */
  readonly slowStart: number
  /** Uniform in [0, 1): breaks ties. */
  readonly random: () => number
}

/** What a backend carries now: exchanges under way, what is being started there, and its kernels as all see them. */
export function load(backend: Backend): number {
  return backend.inFlight + backend.elsewhere + backend.carries
}

/** The least loaded of the candidates; of several, each with the same chance. */
export function chooseLeastLoaded(candidates: Iterable<Backend>, choice: Choice): Backend | undefined {
  let best: Backend | undefined
  let least = Number.POSITIVE_INFINITY
  let ties = 0
  for (const candidate of candidates) {
    const score = (load(candidate) + 1) / warmth(candidate, choice)
    if (score < least) {
      best = candidate
      least = score
      ties = 1
    } else if (score === least && choice.random() * ++ties < 1) {
      best = candidate
    }
  }
  return best
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
