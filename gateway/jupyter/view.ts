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

/**
 * What answered a look-up. known: an answer had told it. survey: a survey had. probed: every backend was asked. not_found: none of them has it.
 * unknown: none has it, but not all could be asked.
 */
export type Way = 'known' | 'survey' | 'probed' | 'not_found' | 'unknown'
