import type { Backend } from '../pool/backend.ts'
import type { Lease } from '../pool/lease.ts'
import type { Answer } from '../upstream/ask.ts'
import type { Caller } from './caller.ts'
import type { Cluster } from './cluster.ts'
import { noLease } from './cluster-failure.ts'
import { parseObject, stringField } from './models.ts'
import { fileIdOf } from './routes.ts'

/**
 * Shared documents (jupyter-collaboration). A document's room lives in one server's memory, and two rooms of one
 * document overwrite each other; so the server that a path prefers opens it, and its room is asked for there. Which
 * file id belongs to which server is learnt from the opening's answer; a gateway that did not see it asks the servers'
 * file id index, which only the one that opened the document has.
 *
 * Limit: the path's preference changes when a backend comes or goes. A gateway that saw the document opened stays with
 * its server; one started since then would open it beside the first.
 */
export async function openDocument(cluster: Cluster, path: string, caller: Caller): Promise<Answer> {
  const backend = backendOf(cluster, claimByPath(cluster, path))
  const target = `api/collaboration/session/${encodeURIComponent(path).replaceAll('%2F', '/')}`
  const answer = await cluster.askOwner(backend, target, caller)
  const fileId = stringField(parseObject(answer.body), 'fileId')
  if (fileId !== undefined) {
    cluster.owners.learnDocument(`id:${fileId}`, backend)
    cluster.owners.learnDocument(`path:${path}`, backend)
  }
  return answer
}

/**
 * A fork lives beside the room it was made of, under an id of its own that only this answer tells. (Limit: a gateway
 * that was started since then does not know it.)
 */
export async function forkDocument(cluster: Cluster, room: string, caller: Caller): Promise<Answer> {
  const backend = backendOf(cluster, await claimDocument(cluster, 'id', fileIdOf(room)))
  const answer = await cluster.askOwner(backend, `api/collaboration/fork/${encodeURIComponent(room)}`, caller)
  const fork = stringField(parseObject(answer.body), 'fork_roomid')
  if (fork !== undefined) cluster.owners.learnDocument(`id:${fileIdOf(fork)}`, backend)
  return answer
}

/** A lease on the server that holds, or would open, a document. */
export async function claimDocument(cluster: Cluster, by: 'path' | 'id', id: string): Promise<Lease | undefined> {
  if (by === 'path') return claimByPath(cluster, id)
  const known = cluster.owners.get('documents', `id:${id}`)
  if (known) return cluster.pool.claimOwner(known.backend)
  const backend = id === globalAwareness ? undefined : await whoKnowsFile(cluster, id)
  if (!backend) return cluster.pool.claimByAffinity(`document:${id}`)
  cluster.owners.learnDocument(`id:${id}`, backend)
  return cluster.pool.claimOwner(backend)
}

/** The last part of the room in which users see each other, which is no document. */
const globalAwareness = 'globalAwareness'

function claimByPath(cluster: Cluster, path: string): Lease | undefined {
  const known = cluster.owners.get('documents', `path:${path}`)
  return known ? cluster.pool.claimOwner(known.backend) : cluster.pool.claimByAffinity(path)
}

/** The backend alone: the question that follows is counted by itself. */
function backendOf({ pool }: Cluster, lease: Lease | undefined): Backend {
  if (!lease) throw noLease(pool, 'no-backend', 'no backend is ready')
  lease.release()
  return lease.backend
}

/** The backend whose index of file ids (jupyter-server-fileid) has this one. */
async function whoKnowsFile(cluster: Cluster, fileId: string): Promise<Backend | undefined> {
  const path = `api/fileid/path?id=${encodeURIComponent(fileId)}`
  const answering = cluster.pool.all().filter((backend) => backend.admits('guest')) // of those that drain, too
  const asked = answering.map(async (backend) => {
    const answer = await cluster.askAsGateway(backend, path)
    return answer?.status === 200 ? backend : undefined
  })
  return (await Promise.all(asked)).find((backend) => backend !== undefined)
}
