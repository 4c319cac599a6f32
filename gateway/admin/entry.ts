import type { IncomingHttpHeaders } from 'node:http'
import type { Config } from '../config/config.ts'
import { LoginAttempts } from '../limits/login-attempts.ts'
import { operatorSessions } from '../limits/operator-cookie.ts'
import type { Log } from '../observe/log.ts'
import { isForeign, isOfBrowser, isOwnName } from './origin.ts'
import { isSame, sealSession, sessionEnd, sessionLife } from './session.ts'

export type EntryConfig = Pick<Config, 'adminToken' | 'allowHosts' | 'loginAttempts'>

/** Who asks. */
export interface Caller {
  readonly headers: IncomingHttpHeaders
  readonly address: string
}

export interface Refused {
  readonly refused: 401 | 403 | 429
  readonly message: string
  /** Seconds. */
  readonly retryAfter?: number
}

export interface Admitted {
  /** When that ends, in milliseconds since 1970. */
  readonly until: number
}

export interface LoggedIn extends Admitted {
  /** For the cookie. */
  readonly session: string
}

export interface EntryOptions {
  readonly config: EntryConfig
  readonly log: Log
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  /** Milliseconds since 1970. */
  readonly date?: () => number
}

const unknown: Refused = { refused: 401, message: 'This needs the admin token: log in, or send it as a Bearer.' }
const foreign: Refused = { refused: 403, message: 'Not for pages of other origins.' }

/** Lets operators in, by the admin token or by a session that it began. */
export class Entry {
  readonly #log: Log
  readonly #attempts: LoginAttempts
  readonly #date: () => number
  readonly #allowHosts: readonly string[]
  #token: string | undefined

  constructor({ config, log, now, date = Date.now }: EntryOptions) {
    this.#log = log
    this.#date = date
    this.#token = config.adminToken
    this.#allowHosts = config.allowHosts
    this.#attempts = new LoginAttempts({ limit: config.loginAttempts, now, tell: () => {} })
  }

  /** False: there is no token, and what it would guard is as open as the listener. */
  get isGuarded(): boolean {
    return this.#token !== undefined
  }

  /** Whether the token is another one: then whoever is in must log in again. */
  renew({ adminToken }: EntryConfig): boolean {
    const isAnother = adminToken !== this.#token
    this.#token = adminToken
    return isAnother
  }

  /** Whoever reads or changes something, as a program with the token or as the page with its cookie. */
  admit(caller: Caller): Admitted | Refused {
    const stranger = this.#strange(caller)
    if (stranger || this.#token === undefined) return stranger ?? { until: Number.POSITIVE_INFINITY }
    const [, bearer] = /^Bearer +(\S+)$/i.exec(caller.headers.authorization ?? '') ?? []
    if (bearer !== undefined) return this.#prove(caller, bearer) ?? { until: Number.POSITIVE_INFINITY }
    const token = this.#token
    const ends = operatorSessions(caller.headers.cookie).map((session) => sessionEnd(token, session, this.#date()))
    const until = ends.find((end) => end !== undefined)
    return until === undefined ? unknown : { until }
  }

  /** A form with the token. */
  login(caller: Caller, token: string): LoggedIn | Refused {
    const refused = this.#strange(caller) ?? this.#prove(caller, token)
    if (refused) return refused
    const until = this.#date() + sessionLife
    this.#log.info({ client: caller.address }, 'an operator has logged in')
    return { until, session: sealSession(this.#token ?? '', until) }
  }

  /** A browser that speaks for somebody else, or under a name that may be anybody's. */
  #strange({ headers }: Caller): Refused | undefined {
    if (isForeign(headers)) return foreign
    if (!isOfBrowser(headers) || isOwnName(headers.host, this.#allowHosts)) return undefined
    return {
      refused: 403,
      message:
        'A browser must come by an address, a name without dots, or one of --allow-host: any other may be anybody’s.',
    }
  }

  /** Over the limit the right token is not taken either: else a guesser would simply go on. */
  #prove({ address }: Caller, token: string): Refused | undefined {
    const attempt = this.#attempts.begin(address, token)
    if (typeof attempt === 'number') {
      return { refused: 429, message: `Too many wrong tokens: come again in ${attempt} s.`, retryAfter: attempt }
    }
    if (this.#token !== undefined && isSame(token, this.#token)) {
      attempt.right()
      return undefined
    }
    attempt.wrong()
    this.#log.warn({ client: address }, 'a wrong admin token')
    return { refused: 401, message: 'That is not the admin token.' }
  }
}
