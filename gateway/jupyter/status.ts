import type { Backend } from '../pool/backend.ts'
import type { Answer } from '../upstream/ask.ts'
import { withJson } from './answers.ts'
import { askAnyone } from './ask-anyone.ts'
import type { Caller } from './caller.ts'
import type { Cluster } from './cluster.ts'
import { type Model, parseObject, stringField } from './models.ts'
import { isWorthAsking } from './view.ts'

/** GET /api/status of all backends as one (jupyter_server/services/api/handlers.py: APIStatusHandler). */
export async function mergedStatus(cluster: Cluster, caller: Caller): Promise<Answer> {
  const { backend, answer } = await askAnyone(cluster, 'api/status', caller)
  const first = parseObject(answer.body)
  if (answer.status !== 200 || !first) return answer
  const others = cluster.pool.all().filter((other) => other !== backend)
  const statuses = await Promise.all(others.map((other) => statusOf(cluster, other, caller)))
  return withJson(answer, reduceStatus([first, ...statuses]))
}

/** Of a backend that does not answer, or not soon: the kernels it had when it did, as the lists have them. */
async function statusOf(cluster: Cluster, backend: Backend, caller: Caller): Promise<Model> {
  const ask = () => cluster.askOwner(backend, 'api/status', caller).catch(() => undefined)
  const answer = isWorthAsking(backend, 'recent') ? await Promise.race([ask(), cluster.patience()]) : undefined
  const status = answer?.status === 200 ? parseObject(answer.body) : undefined
  return status ?? { kernels: cluster.survey.last(backend, 'kernels')?.entries.length ?? 0 }
}

/** Started when the first one was, active when the last one was, with the kernels and connections of all. */
export function reduceStatus(statuses: readonly Model[]): Model {
  const times = (field: string) => statuses.flatMap((status) => stringField(status, field) ?? []).sort()
  const sum = (field: string) => statuses.reduce((total, status) => total + Number(status[field] ?? 0), 0)
  return {
    ...statuses[0],
    started: times('started')[0],
    last_activity: times('last_activity').at(-1),
    kernels: sum('kernels'),
    connections: sum('connections'),
  }
}
