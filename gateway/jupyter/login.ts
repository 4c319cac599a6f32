import { header, headerValues, type RawHeaders } from '../http1/raw-headers.ts'

/** What a request offers to show that its sender may enter. Cookies are signed: nobody guesses those. */
export type Credential =
  | { readonly kind: 'password' }
  /** All that stand where Jupyter looks for one, each once. */
  | { readonly kind: 'token'; readonly tokens: readonly string[] }
  /** A form's body, in which Jupyter looks for a token too (IdentityProvider.get_token reads arguments). */
  | { readonly kind: 'form' }

export interface LoginRequest {
  readonly method: string
  /** Below the base URL, without its leading slash. */
  readonly path: string
  /** With its question mark, or empty. */
  readonly query: string
  readonly headers: RawHeaders
}

/**
 * Which of several tokens counts is Jupyter's own reading: the last of the form, else of the query, else the header, and
 * what is empty once Python has taken blanks and control characters off is none. Whoever could hide one guess behind
 * another word that we count once would guess for ever, so all of them together are one.
 */
export function credentialOf({ method, path, query, headers }: LoginRequest): Credential | undefined {
  if (path === 'login' && method === 'POST') return { kind: 'password' }
  if (formType.test(header(headers, 'content-type') ?? '')) return { kind: 'form' }
  const inQuery = mayNameToken.test(query) ? new URLSearchParams(query).getAll('token') : []
  const inHeader = inAuthorization.exec(headerValues(headers, 'authorization').join(',').trim())?.[1] ?? ''
  const tokens = [...inQuery, inHeader].map((token) => token.trim()).filter((token) => token !== '')
  return tokens.length === 0 ? undefined : { kind: 'token', tokens: [...new Set(tokens)] }
}

/** Most queries are a time, against caches. */
const mayNameToken = /token|%/

/** What follows the scheme: Python knows a blank more than we do (U+0085). */
const inAuthorization = /^(?:token|bearer)(?=[\s\x80-\xff])(.+)$/i

/** By its beginning alone, as Tornado compares it. */
const formType = /^\s*(?:application\/x-www-form-urlencoded|multipart\/form-data)/i

/** What an answer says of a credential. */
export type Proof = 'right' | 'wrong' | 'unclear'

/** Pages and API that answer 2xx to nobody but those who may enter. */
const guarded =
  /^(?:api\/(?:kernels|sessions|terminals|contents|config|kernelspecs|status|me)(?:\/.*)?|lab(?:\/(?:tree|workspaces)\/.*|\/tree)?|lab\/api\/(?:settings|workspaces)(?:\/.*)?|(?:files|notebooks|doc)\/.*)$/

export interface LoginAnswer {
  readonly status: number
  readonly location: string | undefined
}

/**
 * Jupyter looks at a token wherever it comes, and answers public pages with a login cookie if it is right: a guess that
 * is not proved right counts, or a guesser would simply ask for such a page. Where an extension answers (`isForeign`),
 * a token or form may be its own business, and only a refusal counts.
 */
export function proofIn(
  credential: Credential,
  { path, isForeign }: { readonly path: string; readonly isForeign: boolean },
  { status, location }: LoginAnswer,
): Proof {
  if (status >= 500 || status === 429) return 'unclear'
  if (credential.kind === 'password') return status >= 300 && status < 400 ? 'right' : 'wrong'
  const isGood = status === 101 || status === 304 || (status >= 200 && status < 300)
  if (isGood && guarded.test(path)) return 'right'
  if (!isForeign) return 'wrong'
  return [401, 403, 404, 405].includes(status) || leadsToLogin(status, location) ? 'wrong' : 'unclear'
}

function leadsToLogin(status: number, location = ''): boolean {
  return status >= 300 && status < 400 && /\/login(?:\?|$)/.test(location)
}
