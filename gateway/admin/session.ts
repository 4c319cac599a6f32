import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** How long an operator who has logged in may come back. Milliseconds. */
export const sessionLife = 12 * 3_600_000

/**
 * What stands in the cookie: an end, something random, and a signature over both that only the token's holder can make.
 * So nothing is kept that a restarted gateway would miss, and another token ends all sessions.
 */
export function sealSession(token: string, until: number): string {
  const words = `${until}.${randomBytes(16).toString('base64url')}`
  return `${words}.${signature(token, words)}`
}

/** When the session ends, in milliseconds since 1970; undefined where it is none of ours, or over. */
export function sessionEnd(token: string, session: string, now: number): number | undefined {
  const [, words, until, seal] = /^((\d{1,15})\.[\w-]{22})\.([\w-]+)$/.exec(session) ?? []
  if (words === undefined || seal === undefined) return undefined
  return isSame(seal, signature(token, words)) && Number(until) > now ? Number(until) : undefined
}

/** In a time that tells nothing of where they differ, nor of how long the secret is. */
export function isSame(given: string, secret: string): boolean {
  return timingSafeEqual(digest(given), digest(secret))
}

function signature(token: string, words: string): string {
  return createHmac('sha256', token).update(`pyli operator ${words}`).digest('base64url')
}

const digest = (text: string): Buffer => createHmac('sha256', blind).update(text).digest()
const blind = randomBytes(32)
