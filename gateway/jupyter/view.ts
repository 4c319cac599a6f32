import type { Backend } from '../pool/backend.ts'
import type { Model } from './models.ts'
import type { Owner } from './owners.ts'

export interface Found {
  readonly kind: 'found'
  readonly owner: Owner
}
/** `absent`: every backend says no. `unknown`: none has it, but one that might could not be asked. */
export type Finding = Found | { readonly kind: 'absent' } | { readonly kind: 'unknown' }

/** What one backend has of a kind; `stale` if that is what it had before it fell silent. */
export interface BackendList {
  readonly backend: Backend
  readonly entries: readonly Model[]
  readonly stale: boolean
}

export interface View {
  readonly lists: readonly BackendList[]
  /** Backends of which nothing is known, now or from before. */
  readonly unknown: readonly Backend[]
}
