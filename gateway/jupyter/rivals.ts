import type { Backend } from '../pool/backend.ts'
import type { Caller } from './caller.ts'
import type { Cluster } from './cluster.ts'
import type { SessionModel } from './models.ts'

/** How long a rival is given to step back, and how often we look. Milliseconds. */
const patience = 2_000
const lookEvery = 150

/**
 * Two gateways do not share a lock: both may find no session of a path and create one. So each looks again after
 * creating, and of two the one with the greater id steps back. The other waits to see that, because a rival that
 * had looked before ours was there has been answered and stays; then ours steps back after all.
 *
 * True if the session may be answered. False: step back, and begin again.
 */
export async function prevails(cluster: Cluster, { id, path }: SessionModel): Promise<boolean> {
  for (let waited = 0; ; waited += lookEvery) {
    const rivals = await rivalsOf(cluster, id, path)
    if (rivals.length === 0) return true
    if (waited >= patience || rivals.some((rival) => rival < id)) return false
    await cluster.sleep(lookEvery)
  }
}

/** Ends a session that nobody has heard of, with its kernel. */
export async function stepBack(cluster: Cluster, backend: Backend, session: SessionModel, caller: Caller) {
  const end = { ...caller, method: 'DELETE', body: undefined }
  // Where it cannot be ended now, its kernel is culled like any other that nobody uses.
  await cluster.askOwner(backend, `api/sessions/${session.id}`, end).catch(() => undefined)
  cluster.survey.hasNot(backend, 'sessions', session.id)
  if (session.kernel) cluster.survey.hasNot(backend, 'kernels', session.kernel.id)
}

async function rivalsOf(cluster: Cluster, id: string, path: string): Promise<string[]> {
  const { lists } = await cluster.everywhere('sessions', 'now')
  const sessions = lists.filter(({ stale }) => !stale).flatMap(({ entries }) => entries)
  return sessions.filter((session) => session.path === path && session.id !== id).map((session) => String(session.id))
}
