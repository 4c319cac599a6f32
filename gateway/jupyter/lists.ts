import type { Backend } from '../pool/backend.ts'
import type { Answer } from '../upstream/ask.ts'
import { aliasOf, shownIdOf, showSession } from './alias.ts'
import { withJson } from './answers.ts'
import { askAnyone } from './ask-anyone.ts'
import type { Caller } from './caller.ts'
import type { Cluster } from './cluster.ts'
import type { Kind, Model } from './models.ts'
import type { View } from './view.ts'

export interface Duplicate {
  readonly kind: Kind
  readonly id: string
  readonly backends: readonly [Backend, Backend]
}

/**
 * GET /api/kernels, /api/sessions, /api/terminals: one list of what all backends have.
 *
 * One backend is asked as the caller: it says whether they may know, and in which words not. The lists themselves
 * come from the survey, which all callers share.
 */
export async function mergedList(
  cluster: Cluster,
  kind: Kind,
  caller: Caller,
  onDuplicate: (duplicate: Duplicate) => void,
): Promise<Answer> {
  const { answer } = await askAnyone(cluster, `api/${kind}`, caller)
  if (answer.status !== 200) return answer
  await cluster.sync()
  return withJson(answer, mergeLists(kind, await cluster.wholeView(kind, 'recent'), onDuplicate))
}

/** All entries as users know them, each id once. */
export function mergeLists(kind: Kind, lists: View['lists'], onDuplicate: (duplicate: Duplicate) => void): Model[] {
  const seen = new Map<string, { backend: Backend; entry: Model; shown: Model }>()
  for (const { backend, entries } of lists) {
    for (const entry of entries) {
      const id = shownIdOf(kind, entry)
      const twin = seen.get(id)
      const moves = aliasOf(entry) !== undefined || (twin !== undefined && aliasOf(twin.entry) !== undefined)
      if (twin && !(kind === 'sessions' && moves)) onDuplicate({ kind, id, backends: [twin.backend, backend] })
      // A moved session and the one it replaces share an id for a moment: the moved one is the truth.
      if (twin && (kind !== 'sessions' || aliasOf(entry) === undefined)) continue
      seen.set(id, { backend, entry, shown: kind === 'sessions' ? showSession(entry) : entry })
    }
  }
  return Array.from(seen.values(), ({ shown }) => shown)
}
