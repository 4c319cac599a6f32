import type { Backend } from '../pool/backend.ts'
import type { Claim } from '../pool/lease.ts'
import type { Answer } from '../upstream/ask.ts'
import { showSession, withPlainName } from './alias.ts'
import { mapHeader, sessionIn, withJson } from './answers.ts'
import type { Caller } from './caller.ts'
import type { Cluster } from './cluster.ts'
import { askWhereKernelLives, type Learn } from './kernels.ts'
import { onceAllKnow } from './known-to-all.ts'
import { type Model, objectField, parseObject, type SessionModel, stringField } from './models.ts'
import { homeOf, prevails, stepBack } from './rivals.ts'

/**
 * POST /api/sessions: get or create by path, over all backends (SessionRootHandler.post does it within one).
 *
 * 1. one at a time for each path;  2. the backend that has a session of that path answers with it;
 * 3. otherwise the owner of the kernel that is named;  4. otherwise the backend that was least loaded when the request
 * came;  5. and if another gateway did the same meanwhile, one of the two steps back.
 */
export function createSession(cluster: Cluster, caller: Caller): Promise<Answer> {
  const given = parseObject(caller.body)
  const wanted = given && withPlainName(given)
  const path = pathOf(wanted)
  const kernelId = stringField(objectField(wanted, 'kernel'), 'id')
  const asker = { ...caller, body: wanted === given ? caller.body : Buffer.from(JSON.stringify(wanted)) }
  const answer =
    path === undefined
      ? askWhereKernelLives(cluster, kernelId, 'api/sessions', asker, learnIn(cluster))
      : cluster.lock.run(`path:${path}`, () => getOrCreate(cluster, asker, path, kernelId))
  return onceAllKnow(cluster, answer)
}

/**
 * A place is taken before the servers are asked whether they have the path. Their answers may take seconds, in which a
 * gateway sees some of what another one starts, sooner from one server than from the next: of a class that comes at
 * once, each gateway would send the rest to where the other's kernels are listed late.
 */
async function getOrCreate(
  cluster: Cluster,
  caller: Caller,
  path: string,
  kernelId: string | undefined,
): Promise<Answer> {
  const reserved = kernelId === undefined ? await cluster.reserve(path) : undefined
  try {
    const home = await homeOf(cluster, path)
    const learn = learnIn(cluster)
    if (home) return learn(home, await cluster.askOwner(home, 'api/sessions', caller))
    if (kernelId === undefined) return await createAnew(cluster, caller, path, reserved)
    return await askWhereKernelLives(cluster, kernelId, 'api/sessions', caller, learn)
  } finally {
    reserved?.release()
  }
}

async function createAnew(cluster: Cluster, caller: Caller, path: string, reserved?: Claim): Promise<Answer> {
  const { backend, answer } = await cluster.askLeastLoaded('api/sessions', caller, { key: path, reserved })
  const session = sessionIn(answer, 201)
  if (!session) return answer
  const shown = learnSession(cluster, backend, answer, session)
  if (await prevails(cluster, session)) return shown
  await stepBack(cluster, backend, session, caller)
  return getOrCreate(cluster, caller, path, undefined)
}

const learnIn =
  (cluster: Cluster): Learn =>
  (backend, answer) => {
    const session = sessionIn(answer, 201)
    return session ? learnSession(cluster, backend, answer, session) : answer
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
