import type { Backend } from '../pool/backend.ts'
import { aliasOf } from './alias.ts'
import type { Caller } from './caller.ts'
import type { Cluster } from './cluster.ts'
import type { Model, SessionModel } from './models.ts'
import { isLate } from './view.ts'

/** How long a rival is given to step back, and how often we look. Milliseconds. */
const patience = 2_000
const lookEvery = 150

/** How often backends that are late with their lists are asked again, before none of theirs is taken for a rival. */
const asksAgain = 3

/**
 * Two gateways do not share a lock: both may find no session of a path and create one. So each looks again after
 * creating, and of two the one with the greater id steps back. The other waits to see that, because a rival that
 * had looked before ours was there has been answered and stays; then ours steps back after all.
 *
 * True if the session may be answered. False: step back, and begin again.
 */
export async function prevails(cluster: Cluster, { id, path }: SessionModel): Promise<boolean> {
  for (let looks = 0; ; looks++) {
    const { lists } = await cluster.everywhere('sessions', 'now')
    const rivals = lists.filter(({ stale }) => !stale).flatMap(({ entries }) => rivalsAmong(entries, id, path))
    if (rivals.some((rival) => rival < id)) return false
    if (rivals.length === 0 && (looks >= asksAgain || !lists.some(isLate))) return true
    if (looks * lookEvery >= patience) return false
    await cluster.sleep(lookEvery)
  }
}

/**
 * The backend that has a session of this path; of a moved session and the one it replaces, that of the moved one. Of two
 * that were created at once one is about to step back, and only their gateways know which: so this waits to see it.
 */
export async function homeOf(cluster: Cluster, path: string): Promise<Backend | undefined> {
  for (let looks = 0; ; looks++) {
    const homes = (await cluster.wholeView('sessions', 'now')).flatMap(({ backend, entries, stale }) => {
      return entries.filter((session) => session.path === path).map((session) => ({ backend, session, stale }))
    })
    const moved = homes.find(({ session }) => aliasOf(session) !== undefined)
    const fresh = homes.filter(({ stale }) => !stale)
    // Longer than a gateway waits for its rival. Two that stay are a server's own doing.
    if (moved || fresh.length < 2 || looks * lookEvery > 2 * patience) return (moved ?? fresh[0] ?? homes[0])?.backend
    await cluster.sleep(lookEvery)
  }
}

/**
 * Ends a session that nobody has heard of, with its kernel. First it loses its path: Jupyter lists it until the kernel
 * has been shut down, which takes seconds (SessionManager.delete_session), and whoever asks for the path meanwhile would
 * be given what is about to vanish.
 */
export async function stepBack(cluster: Cluster, backend: Backend, session: SessionModel, caller: Caller) {
  const rename = {
    ...caller,
    method: 'PATCH',
    body: Buffer.from(JSON.stringify({ path: `${session.path}~withdrawn` })),
  }
  const end = { ...caller, method: 'DELETE', body: undefined }
  for (const step of [rename, end]) {
    // Where it cannot be ended now, its kernel is culled like any other that nobody uses.
    await cluster.askOwner(backend, `api/sessions/${session.id}`, step).catch(() => undefined)
  }
  cluster.survey.hasNot(backend, 'sessions', session.id)
  if (session.kernel) cluster.survey.hasNot(backend, 'kernels', session.kernel.id)
}

function rivalsAmong(sessions: readonly Model[], id: string, path: string): string[] {
  return sessions.filter((session) => session.path === path && session.id !== id).map((session) => String(session.id))
}
