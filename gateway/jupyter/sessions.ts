import type { Backend } from '../pool/backend.ts'
import type { Answer } from '../upstream/ask.ts'
import { isSession, showSession, withPlainName } from './alias.ts'
import { mapHeader, withJson } from './answers.ts'
import type { Caller } from './caller.ts'
import type { Cluster } from './cluster.ts'
import { askWhereKernelLives } from './kernels.ts'
import { onceAllKnow } from './known-to-all.ts'
import { type Model, objectField, parseObject, type SessionModel, stringField } from './models.ts'
import { homeOf, prevails, stepBack } from './rivals.ts'

/**
 * POST /api/sessions: get or create by path, over all backends (SessionRootHandler.post does it within one).
 *
 * 1. one at a time for each path;  2. the backend that has a session of that path answers with it;
 * 3. otherwise the owner of the kernel that is named;  4. otherwise the least loaded backend;
 * 5. and if another gateway did the same meanwhile, one of the two steps back.
 */
export function createSession(cluster: Cluster, caller: Caller): Promise<Answer> {
  const given = parseObject(caller.body)
  const wanted = given && withPlainName(given)
  const path = pathOf(wanted)
  const body = wanted === given ? caller.body : Buffer.from(JSON.stringify(wanted))
  const create = () =>
    createUnlocked(cluster, { ...caller, body }, path, stringField(objectField(wanted, 'kernel'), 'id'))
  return onceAllKnow(cluster, path === undefined ? create() : cluster.lock.run(`path:${path}`, create))
}

async function createUnlocked(
  cluster: Cluster,
  caller: Caller,
  path: string | undefined,
  kernelId: string | undefined,
): Promise<Answer> {
  const home = path === undefined ? undefined : await homeOf(cluster, path)
  const learn = (backend: Backend, answer: Answer) => {
    const session = answer.status === 201 ? parseObject(answer.body) : undefined
    return session && isSession(session) ? learnSession(cluster, backend, answer, session) : answer
  }
  if (home) return learn(home, await cluster.askOwner(home, 'api/sessions', caller))
  if (kernelId !== undefined || path === undefined) {
    return askWhereKernelLives(cluster, kernelId, 'api/sessions', caller, learn)
  }
  const { backend, answer } = await cluster.askLeastLoaded('api/sessions', caller, { key: path })
  const session = answer.status === 201 ? parseObject(answer.body) : undefined
  if (!session || !isSession(session)) return answer
  const shown = learnSession(cluster, backend, answer, session)
  if (await prevails(cluster, session)) return shown
  await stepBack(cluster, backend, session, caller)
  return createUnlocked(cluster, caller, path, kernelId)
}

/** Remembers what an answer tells of a session and its kernel; returns it as its users know it. */
export function learnSession(cluster: Cluster, backend: Backend, answer: Answer, session: SessionModel): Answer {
  const shown = showSession(session)
  cluster.survey.has(backend, 'sessions', session)
  if (session.kernel) cluster.survey.has(backend, 'kernels', session.kernel)
  if (shown === session) return answer
  return mapHeader(withJson(answer, shown), 'location', (location) => location.replace(session.id, shown.id))
}

/** The path a session is wanted for, also in the older form that SessionRootHandler still reads. */
function pathOf(wanted: Model | undefined): string | undefined {
  const notebook = objectField(wanted, 'notebook')
  return stringField(notebook, 'name') ?? stringField(notebook, 'path') ?? stringField(wanted, 'path')
}
