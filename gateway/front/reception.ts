import type { RawHeaders } from '../http1/raw-headers.ts'
import type { Account } from '../request/account.ts'
import type { Client, Exchange } from '../request/exchange.ts'
import type { FailureCode } from '../request/failure.ts'
import type { ClientConnection } from './client-connection.ts'
import type { RequestLimits } from './request-reader.ts'
import type { Sweep } from './sweep.ts'

/** All in milliseconds. */
export interface FrontTimes {
  /** From the first byte of a head to its last. */
  readonly head: number
  /** Between two parts of a request's body. */
  readonly body: number
  /** Between two requests, and before the first. */
  readonly idle: number
  /** How long a client may take nothing of what is sent to it. */
  readonly send: number
}

/** What all connections share. */
export interface Reception {
  readonly limits: RequestLimits
  /** Another one while connections are open: each asks here at its next step. */
  times: FrontTimes
  readonly sweep: Sweep
  /** All that are open and not given away. */
  readonly connections: Set<ClientConnection>
  /** Of every final answer that has none of the same name. */
  readonly usualHeaders?: RawHeaders | undefined
  readonly newAccount: () => Account
  readonly onExchange: (exchange: Exchange) => void
  /** Told of bytes that are no request. */
  readonly onMalformed: (client: Client, code: FailureCode, detail: string) => void
}
