/** What paths of a row look like. */
export interface PathForm {
  readonly whole: RegExp
  /** Of all paths of this form: most others are told from it by that, at a tenth of the cost. */
  readonly beginning: string
}

/** A path of one of these forms. Without bars outside of brackets: each form is an expression of its own. */
export function at(...sources: readonly string[]): PathForm {
  const [first = '', ...others] = sources
  // What stands before anything that may vary; a letter with a mark behind it may as well be absent.
  const beginning = others.length > 0 ? '' : (/^[\w/]*(?![\w/]|[?*+{|])/.exec(first)?.[0] ?? '')
  return { whole: new RegExp(`^(?:${sources.join('|')})$`), beginning }
}
