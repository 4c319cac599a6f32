/**
 * The life of a backend, as a table. `pass` and `fail` are verdicts, after the rise and fall counts of health.ts,
 * never single probes.
 *
 * joining   known, not yet seen well
 * ready     serves its owners and newcomers
 * failing   does not answer: owners are still tried there (a connection may come back), newcomers go elsewhere
 * draining  serves what it owns and takes no one new; there is no way back but an operator's restore
 */
export type State = 'joining' | 'ready' | 'failing' | 'draining'
export type Verdict = 'pass' | 'fail' | 'drain' | 'restore'

export const transitions = {
  joining: { pass: 'ready', fail: 'failing', drain: 'draining', restore: 'joining' },
  ready: { pass: 'ready', fail: 'failing', drain: 'draining', restore: 'ready' },
  failing: { pass: 'ready', fail: 'failing', drain: 'draining', restore: 'failing' },
  draining: { pass: 'draining', fail: 'draining', drain: 'draining', restore: 'joining' },
} as const satisfies Record<State, Record<Verdict, State>>

/** Whom a backend takes: an `owner` names something that lives in it, a `newcomer` could go anywhere. */
export type Arrival = 'owner' | 'newcomer'

export const admits = {
  joining: { owner: true, newcomer: false },
  ready: { owner: true, newcomer: true },
  failing: { owner: true, newcomer: false },
  draining: { owner: true, newcomer: false },
} as const satisfies Record<State, Record<Arrival, boolean>>
