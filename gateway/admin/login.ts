import type { IncomingMessage } from 'node:http'
import { operatorCookie } from '../limits/operator-cookie.ts'
import { type AdminAnswer, refusal } from './answer.ts'
import type { Caller, Entry } from './entry.ts'
import { sessionLife } from './session.ts'

/** Bytes. */
const longestForm = 4096

/**
 * `POST /login` with `{"token": …}`. Only as JSON, which no form and no image of a foreign page can send without asking
 * first.
 */
export async function logIn(entry: Entry, caller: Caller, request: IncomingMessage): Promise<AdminAnswer> {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) return malformed
  const token = tokenIn(await bodyOf(request))
  if (token === undefined) return malformed
  const outcome = entry.login(caller, token)
  if ('refused' in outcome) return refusal(outcome)
  const cookie = cookieOf(outcome.session, sessionLife / 1000, caller)
  return { status: 200, body: { until: outcome.until }, headers: { 'Set-Cookie': cookie } }
}

/** The browser forgets its session. Another one that it began elsewhere goes on. */
export function logOut(caller: Caller): AdminAnswer {
  return { status: 200, body: {}, headers: { 'Set-Cookie': cookieOf('', 0, caller) } }
}

const malformed: AdminAnswer = { status: 400, body: { message: 'This takes {"token": "…"} as application/json.' } }

/** A page that came by HTTPS, from a proxy before this listener, says so in its Origin. */
function cookieOf(session: string, seconds: number, { headers }: Caller): string {
  const secure = headers.origin?.startsWith('https:') ? '; Secure' : ''
  return `${operatorCookie}=${session}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`
}

function tokenIn(body: string | undefined): string | undefined {
  try {
    const form: unknown = JSON.parse(body ?? '')
    if (typeof form !== 'object' || form === null || !('token' in form)) return undefined
    return typeof form.token === 'string' && form.token !== '' ? form.token : undefined
  } catch {
    return undefined
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > longestForm) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
