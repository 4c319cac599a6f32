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

/** Clients choose how paths begin: of more than so many beginnings rows are looked for again each time. */
const mostBeginnings = 256

/** Of all rows the few, in their order, that a path can fit: told from its first two segments. */
export class ByBeginning<Row extends { readonly path: PathForm }> {
  readonly #rows: readonly Row[]
  readonly #known = new Map<string, readonly Row[]>()

  constructor(rows: readonly Row[]) {
    this.#rows = rows
  }

  rowsFor(path: string): readonly Row[] {
    const end = path.indexOf('/', path.indexOf('/') + 1)
    const start = end === -1 ? path : path.slice(0, end)
    const known = this.#known.get(start)
    if (known) return known
    const found = this.#rows.filter(
      ({ path: { beginning } }) => beginning.startsWith(start) || start.startsWith(beginning),
    )
    // A copy: what was cut out of a path holds all of it.
    if (this.#known.size < mostBeginnings) this.#known.set(Buffer.from(start).toString(), found)
    return found
  }
}
