import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'
import type { Config } from '../config/config.ts'
import type { Topic } from './peers.ts'

/** What passes between the primary process and its workers, in both directions in order. */
export type FromWorker =
  | { readonly kind: 'listening'; readonly address: AddressInfo }
  /** It could not start, for a reason that another one would meet as well. */
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'lock'; readonly id: number; readonly key: string }
  | { readonly kind: 'unlock'; readonly id: number }
  | { readonly kind: 'tell'; readonly topic: Topic; readonly news: unknown }
  | { readonly kind: 'ask'; readonly id: number; readonly topic: Topic; readonly question: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'sync'; readonly id: number }
  | { readonly kind: 'pong' }

/** What may change while a gateway runs: each that is given holds from now on. */
export interface Renewal {
  /** As it was, but for what can change while a gateway runs (config/reread.ts). */
  readonly config?: Config
  /** Another certificate, other ticket keys or both, for new connections. */
  readonly tls?: TlsOptions
}

/** `tls` holds the private key and the ticket keys: they pass over the channel and are on no disk. */
export type ToWorker =
  | { readonly kind: 'start'; readonly config: Config; readonly tls: TlsOptions | undefined }
  | { readonly kind: 'locked'; readonly id: number }
  | { readonly kind: 'told'; readonly topic: Topic; readonly news: unknown; readonly from: number }
  | { readonly kind: 'asked'; readonly id: number; readonly topic: Topic; readonly question: unknown }
  | { readonly kind: 'answered'; readonly id: number; readonly values: unknown[] }
  | { readonly kind: 'synced'; readonly id: number }
  | { readonly kind: 'ping' }
  | { readonly kind: 'gone'; readonly worker: number }
  | { readonly kind: 'drain'; readonly deadline: number }
  | { readonly kind: 'renew'; readonly changed: Renewal }
