import type { Exchange } from './exchange.ts'
import { type FailureCode, failures } from './failure.ts'
import { refusalBody } from './pages.ts'

/**
 * Answers an exchange that cannot be served, in one clear sentence. `detail` is for the client; without it the
 * failure's own message is sent, and likewise for `retryAfter`, in seconds. Where the answer has begun, it is cut off so
 * that nobody takes it for whole.
 */
export function refuse(
  exchange: Exchange,
  reason: FailureCode,
  detail?: string,
  retryAfter = failures[reason].retryAfter,
): void {
  const code = reason === 'request-cut' ? whyCut(exchange) : reason
  const { account, answer, head } = exchange
  account.failure = code
  if (answer.started) {
    answer.abort()
    return
  }
  const failure = failures[code]
  const { type, text } = refusalBody(failure, detail, head.headers)
  const body = Buffer.from(text)
  const headers = ['Content-Type', type, 'Content-Length', String(body.length), 'Cache-Control', 'no-store']
  if (retryAfter !== undefined) headers.push('Retry-After', String(retryAfter))
  // A refused client may have sent what only it takes for a request: nothing more is read from it.
  answer.head(failure.status, '', headers, { close: failure.who === 'client' })
  if (head.method !== 'HEAD') answer.write(body)
  answer.end([])
}

function whyCut(exchange: Exchange): FailureCode {
  return (exchange.kind === 'http' && exchange.body.cut) || 'request-cut'
}
