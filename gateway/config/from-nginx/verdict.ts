import type { Placed, Site } from './site.ts'

/** One option and its value, as they stand on the command line. */
export interface Setting {
  readonly flag: `--${string}`
  readonly value: string
  /** Values of several directives stand side by side, instead of the innermost overruling the others. */
  readonly isList?: true
}

/**
 * What becomes of a directive. `read` are blocks and includes, of interest for what stands in them; `needless` is done
 * anyway, or of no meaning here; `lost` is what nginx did and the gateway does not.
 */
export type Verdict = {
  readonly say: string
  /** What the operator must do for it by hand. */
  readonly todo?: string
} & (
  | { readonly as: 'carried'; readonly settings: readonly Setting[] }
  | { readonly as: 'read' | 'needless' | 'lost' | 'unknown' }
)

/** Reads one directive that holds for Jupyter's site. */
export type Reader = (placed: Placed, site: Site) => Verdict

/** One line of the table that the program and docs/from-nginx.md are made of. */
export interface Row {
  /** `name`, `name argument` for what depends on its first argument, or `block>name` for what depends on its block. */
  readonly names: readonly string[]
  readonly as: 'carried' | 'read' | 'needless' | 'lost'
  /** The options that it can become. */
  readonly flags: readonly `--${string}`[]
  /** One sentence without its full stop: what the gateway does about it. */
  readonly about: string
  readonly read: Reader
}

export const carried = (say: string, ...settings: readonly Setting[]): Verdict => ({ as: 'carried', say, settings })
export const needless = (say: string): Verdict => ({ as: 'needless', say })
export const lost = (say: string): Verdict => ({ as: 'lost', say })
export const read = (say: string): Verdict => ({ as: 'read', say })

/** Rows whose verdict is the same whatever stands behind the name. */
export function needlessRow(names: string, about: string): Row {
  return { names: listed(names), as: 'needless', flags: [], about, read: () => needless(about) }
}

export function lostRow(names: string, about: string, todo?: string): Row {
  const verdict: Verdict = todo === undefined ? lost(about) : { ...lost(about), todo }
  return { names: listed(names), as: 'lost', flags: [], about, read: () => verdict }
}

export function row(names: string, as: Row['as'], flags: Row['flags'], about: string, read: Reader): Row {
  return { names: listed(names), as, flags, about, read }
}

/** Separated by commas, as names with an argument have a space in them. */
const listed = (names: string): string[] => names.split(',').map((name) => name.trim())
