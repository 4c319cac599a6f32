/**
 * The life of a backend, as tables. `pass` and `fail` are verdicts, after the rise and fall counts of health.ts, never
 * single probes: `late` where no answer came in time from one that did answer a moment ago; `anew` says that another
 * process may stand at its address, so that it must be looked at again.
 */
export type Health = 'unseen' | 'well' | 'late' | 'ill'
export type Verdict = 'pass' | 'late' | 'fail' | 'anew'

export const healths = {
  unseen: { pass: 'well', late: 'ill', fail: 'ill', anew: 'unseen' },
  well: { pass: 'well', late: 'late', fail: 'ill', anew: 'unseen' },
  late: { pass: 'well', late: 'late', fail: 'ill', anew: 'unseen' },
  ill: { pass: 'well', late: 'ill', fail: 'ill', anew: 'ill' },
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
 * slow      has too much to do to answer in time, as when a class starts its kernels all at once: newcomers go elsewhere
 *           while there is anybody else
 * failing   does not answer: owners are still tried there (a connection may come back), newcomers go elsewhere
 * draining  serves what it owns and takes no one new
 *
 * One that drains and does not answer is failing: the graver word.
 */
export type State = 'joining' | 'ready' | 'slow' | 'failing' | 'draining'

export const states = {
  unseen: { stays: 'joining', drains: 'draining' },
  well: { stays: 'ready', drains: 'draining' },
  late: { stays: 'slow', drains: 'draining' },
  ill: { stays: 'failing', drains: 'failing' },
} as const satisfies Record<Health, Record<'stays' | 'drains', State>>

/**
 * Whom a backend takes: an `owner` names something that lives in it, a `newcomer` could go anywhere, a `guest` could
 * too and leaves nothing behind (a page, a list, a file on the shared disk).
 */
export type Arrival = 'owner' | 'newcomer' | 'guest'

/** `at-need`: where nobody takes it gladly. */
export type Welcome = 'gladly' | 'at-need' | 'never'

export const admits = {
  joining: { owner: 'gladly', newcomer: 'never', guest: 'never' },
  ready: { owner: 'gladly', newcomer: 'gladly', guest: 'gladly' },
  slow: { owner: 'gladly', newcomer: 'at-need', guest: 'at-need' },
  failing: { owner: 'gladly', newcomer: 'never', guest: 'never' },
  // Who works in the last server that drains must still be able to save.
  draining: { owner: 'gladly', newcomer: 'never', guest: 'at-need' },
} as const satisfies Record<State, Record<Arrival, Welcome>>
