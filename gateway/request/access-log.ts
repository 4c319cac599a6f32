import { type Log, redactTarget, writeLine } from '../observe/log.ts'
import type { Account } from './account.ts'
import { failures } from './failure.ts'
import type { Settled } from './settle.ts'

/** Beyond this a path is cut, so that a line is written whole even where several processes write to one pipe. */
const longestPath = 1_000
export const longestDetail = 400

/** A client that left before the answer began has heard no status: the failure's own stands here. */
export function statusOf({ status, failure }: Account): number {
  return status || (failure === undefined ? 0 : failures[failure].status)
}

/** The access log's line of an exchange that has ended. Tokens are hidden. */
export function logExchange(log: Log, { account, client, head }: Settled): void {
  if (!log.isLevelEnabled('info')) return
  const { startedAt, askedAt, headAt, answeredAt } = account
  const fields = {
    id: account.id,
    client: client.address,
    method: cut(head.method, 32),
    path: cut(redactTarget(head.target), longestPath),
    route: account.route,
    backend: account.backend,
    status: statusOf(account),
    bytesIn: account.bytesIn,
    bytesOut: account.bytesOut,
    // Until the last backend that was tried was asked: in locks, for a lease, for one that could not be reached.
    waitMs: time(startedAt, askedAt),
    headMs: time(askedAt, headAt),
    firstByteMs: time(startedAt, answeredAt),
    totalMs: time(startedAt, performance.now()),
    tls: client.tls?.version,
    resumed: client.tls?.resumed,
    failure: account.failure,
    detail: account.detail && cut(account.detail, longestDetail),
  }
  // What others have said goes the long way, where credentials are looked for; all else is redacted above.
  if (fields.detail === undefined) writeLine(log, 'exchange', fields)
  else log.info(fields, 'exchange')
}

export function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…[cut]` : text
}

function time(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : Math.round((to - from) * 10) / 10
}
