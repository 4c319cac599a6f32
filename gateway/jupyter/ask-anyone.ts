import type { Backend } from '../pool/backend.ts'
import type { Caller } from './caller.ts'
import type { Asked, Cluster } from './cluster.ts'

/**
 * A caller's GET that any backend can answer: the least loaded is asked, and another one beside it each time that nobody
 * has answered for a while. One that has begun to hang carries little and so is asked first, until its probes have found
 * that out.
 */
export async function askAnyone(cluster: Cluster, path: string, caller: Caller): Promise<Asked> {
  const tried = new Set<Backend>()
  const asks: Promise<Asked>[] = []
  const isLeft = (backend: Backend) => !tried.has(backend) && backend.admits('guest')
  do {
    asks.push(cluster.askLeastLoaded(path, caller, { tried }))
    const answer = await Promise.race([firstOf(asks), cluster.patience()])
    if (answer) return answer
  } while (cluster.pool.all().some(isLeft))
  return firstOf(asks)
}

/** Where none is good, the first one's trouble. */
function firstOf<T>(asks: readonly Promise<T>[]): Promise<T> {
  return Promise.any(asks).catch(({ errors }: AggregateError) => {
    throw errors[0]
  })
}
