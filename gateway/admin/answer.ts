import type { Refused } from './entry.ts'

/** What is answered: a text or bytes as they are, all else as JSON. */
export interface AdminAnswer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export function refusal({ refused, message, retryAfter }: Refused): AdminAnswer {
  const headers = {
    ...(refused === 401 && { 'WWW-Authenticate': 'Bearer' }),
    ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
  }
  return { status: refused, body: { message }, headers }
}
