import type { Answer } from '../upstream/ask.ts'
import type { Caller, Cluster } from './cluster.ts'
import { ClusterFailure } from './cluster-failure.ts'
import { parseObject, stringField } from './models.ts'

/**
 * POST /api/kernels. A `kernel_id` that exists belongs to its owner, which answers with the existing kernel
 * (jupyter_server 2.21 and later); sent elsewhere it would start a second process under the same id.
 */
export async function createKernel(cluster: Cluster, caller: Caller): Promise<Answer> {
  const wanted = stringField(parseObject(caller.body), 'kernel_id')
  const { backend, answer } = await askWhereKernelLives(cluster, wanted, 'api/kernels', caller)
  const kernel = answer.status === 201 ? parseObject(answer.body) : undefined
  if (kernel) cluster.survey.has(backend, 'kernels', kernel)
  return answer
}

/**
 * To the owner of the kernel, if one is named and exists; otherwise to the least loaded backend. One at a time for each
 * id: two that both find nobody would start it twice.
 */
export function askWhereKernelLives(
  cluster: Cluster,
  kernelId: string | undefined,
  path: string,
  caller: Caller,
): ReturnType<Cluster['askLeastLoaded']> {
  if (kernelId === undefined) return cluster.askLeastLoaded(path, caller)
  return cluster.lock.run(`kernel:${kernelId}`, () => askOwnerOrLeastLoaded(cluster, kernelId, path, caller))
}

async function askOwnerOrLeastLoaded(
  cluster: Cluster,
  kernelId: string,
  path: string,
  caller: Caller,
): ReturnType<Cluster['askLeastLoaded']> {
  const finding = await cluster.find('kernels', kernelId)
  if (finding.kind === 'unknown') {
    throw new ClusterFailure('owner-unreachable', `kernel ${kernelId} may live in a backend that does not answer`)
  }
  if (finding.kind === 'absent') return cluster.askLeastLoaded(path, caller)
  const { backend } = finding.owner
  return { backend, answer: await cluster.askOwner(backend, path, caller) }
}
