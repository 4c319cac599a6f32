import { LRUCache } from 'lru-cache'
import type { Backend } from '../pool/backend.ts'

/** What can be owned. A `document` is a shared (real-time) document, by path or by file id. */
export type Owned = 'kernels' | 'sessions' | 'terminals' | 'documents'

export interface Owner {
  readonly backend: Backend
  /** The id by which that backend knows it; differs from the shown one for a moved session. */
  readonly localId: string
  /** Who told first: an answer that passed through here, or a survey. */
  readonly toldBy: 'answer' | 'survey'
}

/**
 * Who has what, as learnt from answers. A cache and no more: what is missing here is searched for (Cluster.find), so
 * nothing is lost when it is empty after a restart, and any number of gateways agree without talking.
 */
export class Owners {
  readonly #owners = new LRUCache<string, Owner>({ max: 200_000 })
  readonly #tellDocument: (id: string, backend: Backend) => void

  /** `tellDocument` tells other workers where a document is, which no survey would show them. */
  constructor({ tellDocument = () => {} }: { tellDocument?: (id: string, backend: Backend) => void } = {}) {
    this.#tellDocument = tellDocument
  }

  get(of: Owned, id: string): Owner | undefined {
    return this.#owners.get(`${of}/${id}`)
  }

  /** Remembers an owner. True if this was not known before. */
  learn(of: Owned, id: string, backend: Backend, localId = id, toldBy: Owner['toldBy'] = 'answer'): boolean {
    const key = `${of}/${id}`
    const known = this.#owners.peek(key)
    if (known?.backend === backend && known.localId === localId) return false
    this.#owners.set(key, { backend, localId, toldBy })
    return known?.backend !== backend
  }

  /** A document was opened. `id` as documents.ts makes it. */
  learnDocument(id: string, backend: Backend): void {
    if (this.learn('documents', id, backend)) this.#tellDocument(id, backend)
  }

  /** That backend has it no more. True if it was known as its own: what lives elsewhere by now stays known. */
  forget(of: Owned, id: string, backend: Backend): boolean {
    const key = `${of}/${id}`
    return this.#owners.peek(key)?.backend === backend && this.#owners.delete(key)
  }

  forgetBackend(backend: Backend): void {
    for (const [key, owner] of this.#owners.entries()) {
      if (owner.backend === backend) this.#owners.delete(key)
    }
  }
}
