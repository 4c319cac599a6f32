import type { AddressInfo } from 'node:net'
import type { Address } from '../config/config.ts'
import type { Exchange } from './exchange.ts'

/**
 * What takes clients' connections in and makes exchanges of them. node-front.ts is one; another may take its place
 * without anything behind it knowing.
 */
export interface Front {
  /** Rejects with the system's error (EADDRINUSE, EACCES). */
  listen(address: Address): Promise<AddressInfo>
  /** Ends the connections that have no exchange under way, to have their memory back. */
  closeIdle(): void
  /** No new connections; those that are idle end now, the others with their exchange. Resolves when all have ended. */
  drain(): Promise<void>
  /** Ends every connection at once. */
  destroy(): void
}

export type ExchangeHandler = (exchange: Exchange) => void
