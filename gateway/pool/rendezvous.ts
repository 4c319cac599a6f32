import { createHash } from 'node:crypto'

/**
 * The candidates in the order in which `key` prefers them (rendezvous or highest-random-weight hashing). Every
 * gateway computes the same order from the same candidates, and a candidate that leaves moves only its own keys.
 */
export function rendezvousOrder<T extends { readonly key: string }>(candidates: Iterable<T>, key: string): T[] {
  const weighed = Array.from(candidates, (candidate) => ({ candidate, weight: weigh(candidate.key, key) }))
  weighed.sort((a, b) => (a.weight < b.weight ? 1 : a.weight > b.weight ? -1 : 0))
  return weighed.map(({ candidate }) => candidate)
}

function weigh(candidate: string, key: string): bigint {
  return createHash('sha1').update(candidate).update('\0').update(key).digest().readBigUInt64BE(0)
}
