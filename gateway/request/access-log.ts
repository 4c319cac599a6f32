import { type Log, redactTarget } from '../observe/log.ts'
import type { Exchange } from './exchange.ts'
import { failures } from './failure.ts'

/** The access log's line of an exchange that has ended. Tokens are hidden. */
export function logExchange(log: Log, { account, client, head }: Exchange): void {
  const { startedAt, answeredAt, failure } = account
  log.info(
    {
      id: account.id,
      client: client.address,
      method: head.method,
      path: redactTarget(head.target),
      route: account.route,
      backend: account.backend,
      // A client that left before the answer began has heard no status: the failure's own stands here.
      status: account.status || (failure && failures[failure].status),
      bytes: account.bytesOut,
      firstByteMs: answeredAt && round(answeredAt - startedAt),
      totalMs: round(performance.now() - startedAt),
      failure,
      detail: account.detail,
    },
    'exchange',
  )
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10
}
