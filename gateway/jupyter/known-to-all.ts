import type { Answer } from '../upstream/ask.ts'
import type { Cluster } from './cluster.ts'

/**
 * An answer that may tell of something new is given when the other workers know of it as well. JupyterLab gives up a
 * kernel that it has just been told of and that a list lacks (services/src/kernel/manager.ts: requestRunning), whenever
 * that list was asked for: one that a worker put together before it had heard of the kernel must be on its way first.
 */
export async function onceAllKnow(cluster: Cluster, answering: Promise<Answer>): Promise<Answer> {
  const answer = await answering
  await cluster.heard()
  return answer
}
