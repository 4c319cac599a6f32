import type { Answer } from '../upstream/ask.ts'
import { markName, withPlainName } from './alias.ts'
import { sessionIn } from './answers.ts'
import { attachElsewhere } from './attach.ts'
import type { Caller } from './caller.ts'
import type { Cluster } from './cluster.ts'
import { ClusterFailure } from './cluster-failure.ts'
import { onceAllKnow } from './known-to-all.ts'
import { objectField, parseObject, stringField } from './models.ts'
import type { Owner } from './owners.ts'
import { learnSession } from './sessions.ts'

/** GET, PATCH and DELETE /api/sessions/<id>: to the backend that has it, under the id it has there. */
export function session(cluster: Cluster, id: string, caller: Caller): Promise<Answer> {
  const serve = () => findAndAsk(cluster, id, caller)
  // Changes one at a time, looked up in their turn: the one before may have moved the session.
  return caller.method === 'GET' ? serve() : onceAllKnow(cluster, cluster.lock.run(`session:${id}`, serve))
}

async function findAndAsk(cluster: Cluster, id: string, caller: Caller): Promise<Answer> {
  const finding = await cluster.find('sessions', id)
  if (finding.kind === 'unknown') {
    throw new ClusterFailure('owner-unreachable', `session ${id} may live in a backend that does not answer`)
  }
  // Any backend says in Jupyter's words that there is none, or that the caller may not know.
  if (finding.kind === 'absent') return (await cluster.askLeastLoaded(`api/sessions/${id}`, caller)).answer
  const answer = await askOwner(cluster, id, finding.owner, caller)
  if (answer.status !== 404) return answer
  return afterNotFound(cluster, id, finding.owner, caller, answer)
}

async function askOwner(cluster: Cluster, id: string, owner: Owner, caller: Caller): Promise<Answer> {
  if (caller.method === 'PATCH') return patch(cluster, id, owner, caller)
  const answer = await cluster.askOwner(owner.backend, `api/sessions/${owner.localId}`, caller)
  if (caller.method === 'DELETE' && (answer.status === 204 || answer.status === 410)) {
    cluster.survey.hasNot(owner.backend, 'sessions', id)
  }
  return shown(cluster, owner, answer)
}

function sameOwner(a: Owner, b: Owner): boolean {
  return a.backend === b.backend && a.localId === b.localId
}

/** Another gateway may have moved the session since we learnt of it; if it lives elsewhere now, ask there. */
async function afterNotFound(
  cluster: Cluster,
  id: string,
  old: Owner,
  caller: Caller,
  answer: Answer,
): Promise<Answer> {
  cluster.owners.forget('sessions', id, old.backend)
  const finding = await cluster.find('sessions', id)
  if (finding.kind !== 'found' || sameOwner(finding.owner, old)) return answer
  return askOwner(cluster, id, finding.owner, caller)
}

/**
 * PATCH: a new path, name or type, a new kernel by name (which its own backend starts), or a running kernel by id,
 * which may live elsewhere.
 */
async function patch(cluster: Cluster, id: string, owner: Owner, caller: Caller): Promise<Answer> {
  const given = parseObject(caller.body)
  const changes = given && withPlainName(given)
  const kernelId = stringField(objectField(changes, 'kernel'), 'id')
  if (changes && kernelId !== undefined) {
    const finding = await cluster.find('kernels', kernelId)
    if (finding.kind === 'unknown') {
      throw new ClusterFailure('owner-unreachable', `kernel ${kernelId} may live in a backend that does not answer`)
    }
    const elsewhere = finding.kind === 'found' && finding.owner.backend !== owner.backend
    if (elsewhere) return attachElsewhere(cluster, { id, owner, changes, kernelId, to: finding.owner.backend }, caller)
  }
  const name = stringField(changes, 'name')
  const isMoved = owner.localId !== id
  const keepsMark = isMoved && name !== undefined ? { ...changes, name: markName(name, id) } : changes
  const body = keepsMark === given ? caller.body : Buffer.from(JSON.stringify(keepsMark))
  const answer = await cluster.askOwner(owner.backend, `api/sessions/${owner.localId}`, { ...caller, body })
  cluster.survey.changed(owner.backend)
  return shown(cluster, owner, answer)
}

function shown(cluster: Cluster, { backend }: Owner, answer: Answer): Answer {
  const model = sessionIn(answer, 200)
  return model ? learnSession(cluster, backend, answer, model) : answer
}
