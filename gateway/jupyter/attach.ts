import { withoutHeaders } from '../http1/raw-headers.ts'
import type { Backend } from '../pool/backend.ts'
import type { Answer } from '../upstream/ask.ts'
import { markName, shownId } from './alias.ts'
import { sessionIn, withJson } from './answers.ts'
import type { Caller } from './caller.ts'
import type { Cluster } from './cluster.ts'
import { type Model, objectField, parseObject, stringField } from './models.ts'
import type { Owner } from './owners.ts'
import { learnSession } from './sessions.ts'

export interface Attachment {
  /** The session as its users know it. */
  readonly id: string
  /** Where it lives now. */
  readonly owner: Owner
  /** The PATCH's body. */
  readonly changes: Model
  /** The running kernel it shall have, and the backend that kernel lives in. */
  readonly kernelId: string
  readonly to: Backend
}

/**
 * "Use kernel from another notebook" where that kernel lives in another backend. Jupyter answers 400 to such a PATCH;
 * we move the session instead: made anew beside the kernel, under its old id (alias.ts), then ended where it was. As
 * with Jupyter's own PATCH the kernel that it leaves is shut down.
 *
 * Every step is done with the caller's credentials: who may not, is told so by the first.
 */
export async function attachElsewhere(cluster: Cluster, attachment: Attachment, caller: Caller): Promise<Answer> {
  const { id, owner, to, kernelId } = attachment
  const oldPath = `api/sessions/${owner.localId}`
  const read = await cluster.askOwner(owner.backend, oldPath, { ...caller, method: 'GET', body: undefined })
  const before = sessionIn(read, 200)
  if (!before) return read

  const body = Buffer.from(JSON.stringify(movedSession(before, attachment)))
  const made = await cluster.askOwner(to, 'api/sessions', { ...caller, method: 'POST', body })
  const session = sessionIn(made, 201)
  if (!session) return made
  const isOurs = stringField(session.kernel ?? undefined, 'id') === kernelId && shownId(session) === id
  if (!isOurs) return conflict(made, session.path)

  const answer = learnSession(cluster, to, made, session)
  await endOld(cluster, owner, oldPath, before, caller)
  const shown = parseObject(answer.body)
  const headers = withoutHeaders(answer.headers, (name) => name === 'location') // of the POST; a PATCH has none
  return withJson({ ...answer, headers }, { ...shown, id }, { status: 200, reason: 'OK' })
}

function movedSession(before: Model, { id, changes, kernelId }: Attachment): Model {
  const { path, name, type } = { ...before, ...changes }
  return { path, type, name: markName(String(name ?? ''), id), kernel: { id: kernelId } }
}

/**
 * If the old backend does not answer now, both sessions stay; lists show the moved one alone, and the old one ends
 * with its kernel's culling. To fail here would leave the client with neither.
 */
async function endOld(cluster: Cluster, owner: Owner, path: string, before: Model, caller: Caller): Promise<void> {
  const end = { ...caller, method: 'DELETE', body: undefined }
  const ended = await cluster.askOwner(owner.backend, path, end).catch(() => undefined)
  const kernelId = stringField(objectField(before, 'kernel'), 'id')
  if (ended?.status === 204 && kernelId !== undefined) cluster.survey.hasNot(owner.backend, 'kernels', kernelId)
  cluster.survey.changed(owner.backend)
}

/** The kernel's backend already had a session of this path, and answered with that one. */
function conflict(made: Answer, path: string): Answer {
  const message = `${path} already has a session beside that kernel; close it first.`
  return withJson(made, { message, reason: null }, { status: 409, reason: 'Conflict' })
}
