import type { Failed } from '../observe/failures.ts'
import type { Log } from '../observe/log.ts'
import type { Ended } from '../observe/tally.ts'
import { cut, logExchange, longestDetail, statusOf } from './access-log.ts'
import type { Client, Exchange, RequestHead } from './exchange.ts'
import type { FailureCode } from './failure.ts'

/** Who is told of each end: for counts, and for operators. */
export interface Books {
  ended(end: Ended): void
  refused(reason: string): void
  failed(failure: Failed): void
}

/** What is told of an exchange: the exchange itself, or as much of it as that needs. */
export interface Settled extends Pick<Exchange, 'kind' | 'client' | 'account'> {
  readonly head: Pick<RequestHead, 'method' | 'target'>
}

/**
 * Of a WebSocket that may live for days, no more than its end needs. Texts that were cut out of a head hold all of it:
 * hence a copy.
 */
export function lean({ kind, client, account, head: { method, target } }: Exchange): Settled {
  return { kind, client, account, head: { method, target: Buffer.from(target, 'latin1').toString('latin1') } }
}

/** An exchange has ended: it is counted, and its line is written. */
export function settle(log: Log, books: Books, exchange: Settled): void {
  const { account, client, kind } = exchange
  const { askedAt, headAt, answeredAt, startedAt, route, backend, failure, detail, id } = account
  const isTunnel = kind === 'websocket'
  books.ended({
    route,
    status: statusOf(account),
    headMs: between(askedAt, headAt),
    firstByteMs: between(startedAt, answeredAt),
    // Those of a WebSocket were counted as they passed.
    bytesIn: isTunnel ? 0 : account.bytesIn,
    bytesOut: isTunnel ? 0 : account.bytesOut,
    failure,
  })
  if (failure !== undefined && failure !== 'client-gone') {
    const told = detail && cut(detail, longestDetail)
    books.failed({ at: Date.now(), route, backend, failure, detail: told, client: client.address, id })
  }
  logExchange(log, exchange)
}

/** Bytes that are no request were refused, before there was an exchange. */
export function settleMalformed(log: Log, books: Books, client: Client, failure: FailureCode, detail: string): void {
  books.refused(failure)
  books.failed({
    at: Date.now(),
    route: 'none',
    backend: undefined,
    failure,
    detail,
    client: client.address,
    id: undefined,
  })
  log.info({ client: client.address, failure, detail }, 'refused')
}

export function between(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : to - from
}
