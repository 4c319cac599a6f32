/**
 * The life of a backend, as tables. `pass` and `fail` are verdicts, after the rise and fall counts of health.ts, never
 * single probes; `anew` says that another process may stand at its address, so that it must be looked at again.
 */
export type Health = 'unseen' | 'well' | 'ill'
export type Verdict = 'pass' | 'fail' | 'anew'

export const healths = {
  unseen: { pass: 'well', fail: 'ill', anew: 'unseen' },
  well: { pass: 'well', fail: 'ill', anew: 'unseen' },
  ill: { pass: 'well', fail: 'ill', anew: 'ill' },
} as const satisfies Record<Health, Record<Verdict, Health>>

/**
 * Why a backend drains. Each is taken back only by whoever gave it, and a backend drains as long as one is left: an
 * address that returns to discovery serves again, but not if an operator had it drained, or if it says so itself.
 */
export type DrainCause = 'left-discovery' | 'says-so' | 'operator'

/** In words for an operator. */
export const drainCauses = {
  'left-discovery': 'discovery does not name it',
  'says-so': 'it says that it drains',
  operator: 'an operator said so',
} as const satisfies Record<DrainCause, string>

/**
 * joining   known, not yet seen well
 * ready     serves its owners and newcomers
 * failing   does not answer: owners are still tried there (a connection may come back), newcomers go elsewhere
 * draining  serves what it owns and takes no one new
 *
 * One that drains and does not answer is failing: the graver word.
 */
export type State = 'joining' | 'ready' | 'failing' | 'draining'

export const states = {
  unseen: { stays: 'joining', drains: 'draining' },
  well: { stays: 'ready', drains: 'draining' },
  ill: { stays: 'failing', drains: 'failing' },
} as const satisfies Record<Health, Record<'stays' | 'drains', State>>

/**
 * Whom a backend takes: an `owner` names something that lives in it, a `newcomer` could go anywhere, a `guest` could
 * too and leaves nothing behind (a page, a list, a file on the shared disk).
 */
export type Arrival = 'owner' | 'newcomer' | 'guest'

export const admits = {
  joining: { owner: true, newcomer: false, guest: false },
  ready: { owner: true, newcomer: true, guest: true },
  failing: { owner: true, newcomer: false, guest: false },
  // Guests where nobody is ready: who works in the last server that drains must still be able to save.
  draining: { owner: true, newcomer: false, guest: true },
} as const satisfies Record<State, Record<Arrival, boolean>>
