import type { Backend } from '../pool/backend.ts'
import type { Answer } from '../upstream/ask.ts'
import type { Caller } from './caller.ts'
import type { Cluster } from './cluster.ts'
import { ClusterFailure } from './cluster-failure.ts'
import { onceAllKnow } from './known-to-all.ts'
import { parseObject, stringField } from './models.ts'

/**
 * POST /api/kernels. A `kernel_id` that exists belongs to its owner, which answers with the existing kernel
 * (jupyter_server 2.21 and later); sent elsewhere it would start a second process under the same id.
 */
export function createKernel(cluster: Cluster, caller: Caller): Promise<Answer> {
  const wanted = stringField(parseObject(caller.body), 'kernel_id')
  const learn = (backend: Backend, answer: Answer) => {
    const kernel = answer.status === 201 ? parseObject(answer.body) : undefined
    if (kernel) cluster.survey.has(backend, 'kernels', kernel)
    return answer
  }
  return onceAllKnow(cluster, askWhereKernelLives(cluster, wanted, 'api/kernels', caller, learn))
}

/** Remembers what an answer tells, and returns it as the client shall see it. */
export type Learn = (backend: Backend, answer: Answer) => Answer

/**
 * To the owner of the kernel, if one is named and exists; otherwise to the least loaded backend. One at a time for each
 * id, and what the answer tells is learnt before the next one's turn: two that both find nobody would start it twice.
 */
export function askWhereKernelLives(
  cluster: Cluster,
  kernelId: string | undefined,
  path: string,
  caller: Caller,
  learn: Learn,
): Promise<Answer> {
  const ask = async () => {
    const { backend, answer } = await askOwnerOrLeastLoaded(cluster, kernelId, path, caller)
    return learn(backend, answer)
  }
  return kernelId === undefined ? ask() : cluster.lock.run(`kernel:${kernelId}`, ask)
}

async function askOwnerOrLeastLoaded(
  cluster: Cluster,
  kernelId: string | undefined,
  path: string,
  caller: Caller,
): ReturnType<Cluster['askLeastLoaded']> {
  if (kernelId === undefined) return cluster.askLeastLoaded(path, caller)
  const finding = await cluster.find('kernels', kernelId, 'now')
  if (finding.kind === 'unknown') {
    throw new ClusterFailure('owner-unreachable', `kernel ${kernelId} may live in a backend that does not answer`)
  }
  if (finding.kind === 'absent') return cluster.askLeastLoaded(path, caller)
  const { backend } = finding.owner
  return { backend, answer: await cluster.askOwner(backend, path, caller) }
}
