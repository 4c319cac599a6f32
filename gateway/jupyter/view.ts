import type { Backend } from '../pool/backend.ts'
import type { Model } from './models.ts'
import type { Owner } from './owners.ts'
import type { Freshness } from './survey.ts'

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

/** Whether it may answer soon enough: a slow one is waited for only by whoever must see what it did a moment ago. */
export function isWorthAsking({ state }: Backend, freshness: Freshness): boolean {
  return state !== 'failing' && (state !== 'slow' || freshness === 'now')
}

/** It may have got something since it last told, and can still tell. */
export function isLate({ backend, stale }: BackendList): boolean {
  return stale && isWorthAsking(backend, 'now')
}
