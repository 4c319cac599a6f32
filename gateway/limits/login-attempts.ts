import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Rate } from '../config/config.ts'
import { clientKey } from './addresses.ts'

/** What one process tells the others. Plain data. */
export type LoginNews = { readonly wrong: string; readonly guess: string } | { readonly right: string }

/** Something that a client holds for the secret, until it is known whether it is. Settled once, or never. */
export interface Attempt {
  right(): void
  wrong(): void
  /** The answer says neither. */
  unclear(): void
}

export interface LoginAttemptsOptions {
  readonly limit: Rate | 'off'
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  /** To the other processes of this gateway. */
  readonly tell: (news: LoginNews) => void
}

interface Guess {
  at: number
  /** False while its answer is awaited: a thousand guesses at once are not to pass before the first is answered. */
  wrong: boolean
}

/**
 * Counts wrong guesses at passwords and tokens for each client. The same wrong token is one guess, however often: a
 * forgotten tab that asks on with an old token must not keep its owner from logging in. What was right once is known
 * from then on, and passes whoever sends it.
 */
export class LoginAttempts {
  readonly #options: LoginAttemptsOptions
  readonly #clients = new LRUCache<string, Map<string, Guess>>({ max: 50_000 })
  readonly #right = new LRUCache<string, true>({ max: 10_000 })
  #forms = 0

  constructor(options: LoginAttemptsOptions) {
    this.#options = options
  }

  /** These are right, and what was right before must be so again: a token that was changed is known to many. */
  know(...tokens: readonly string[]): void {
    this.#right.clear()
    for (const token of tokens) if (token !== '') this.#right.set(digest(token), true)
  }

  isKnown(token: string): boolean {
    return this.#right.has(digest(token))
  }

  /** A token that is not known, or a form whose password is not looked at. A number: seconds until the client may. */
  begin(address: string, token: string | undefined): Attempt | number {
    const { limit, now } = this.#options
    if (limit === 'off') return settled
    const client = clientKey(address)
    const guesses = this.#guessesOf(client)
    const guess = token === undefined ? `form ${++this.#forms}` : digest(token)
    const known = guesses.get(guess)
    const isAwaited = known !== undefined && !known.wrong
    if (guesses.size >= limit.count && !isAwaited) return secondsUntilNext(guesses, limit, now())
    if (!known) guesses.set(guess, { at: now(), wrong: false })
    return {
      right: () => {
        this.#forget(client, guess)
        if (token === undefined || this.#right.has(guess)) return
        this.#right.set(guess, true)
        this.#options.tell({ right: guess })
      },
      wrong: () => {
        if (this.#clients.get(client)?.get(guess)?.wrong) return
        this.#guessesOf(client).set(guess, { at: now(), wrong: true })
        // The others count forms by themselves, and must not take theirs for this one.
        this.#options.tell({ wrong: client, guess: token === undefined ? `form ${Math.random()}` : guess })
      },
      unclear: () => {
        if (!this.#clients.get(client)?.get(guess)?.wrong) this.#forget(client, guess)
      },
    }
  }

  /** What another process has found. */
  hear(news: LoginNews): void {
    if ('right' in news) this.#right.set(news.right, true)
    else this.#guessesOf(news.wrong).set(news.guess, { at: this.#options.now(), wrong: true })
  }

  /** Those that still count. */
  #guessesOf(client: string): Map<string, Guess> {
    const guesses = this.#clients.get(client) ?? new Map<string, Guess>()
    this.#clients.set(client, guesses)
    const { limit, now } = this.#options
    const since = limit === 'off' ? Number.POSITIVE_INFINITY : now() - limit.time
    for (const [guess, { at }] of guesses) if (at <= since) guesses.delete(guess)
    return guesses
  }

  #forget(client: string, guess: string): void {
    const guesses = this.#clients.get(client)
    if (guesses?.delete(guess) && guesses.size === 0) this.#clients.delete(client)
  }
}

const settled: Attempt = { right: () => {}, wrong: () => {}, unclear: () => {} }

function secondsUntilNext(guesses: ReadonlyMap<string, Guess>, { time }: Rate, now: number): number {
  const oldest = Math.min(...Array.from(guesses.values(), ({ at }) => at))
  return Math.max(1, Math.ceil((oldest + time - now) / 1000))
}

/** Tokens are not kept, nor told between processes. */
function digest(token: string): string {
  return hash('sha256', token, 'base64url')
}
