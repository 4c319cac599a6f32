/** An exchange that was refused or failed, for operators. */
export interface Failed {
  /** When, in milliseconds since 1970. */
  readonly at: number
  readonly route: string
  readonly backend: string | undefined
  /** The failure's code. */
  readonly failure: string
  readonly detail: string | undefined
  readonly client: string
  /** Of the exchange, as in the log; undefined where bytes never became one. */
  readonly id: string | undefined
}

/** The last of one or several that differ in nothing but time and id. */
export interface RecentFailure extends Failed {
  readonly times: number
}

export const mostFailures = 50

/** The last few failures, newest last. What one client does wrong again and again does not hide the others. */
export class RecentFailures {
  readonly #list: RecentFailure[] = []

  add(failure: Failed): void {
    const place = this.#list.findIndex((other) => isSame(other, failure))
    const [before] = place === -1 ? [] : this.#list.splice(place, 1)
    this.#list.push({ ...failure, times: (before?.times ?? 0) + 1 })
    if (this.#list.length > mostFailures) this.#list.shift()
  }

  all(): readonly RecentFailure[] {
    return [...this.#list]
  }
}

/** Of several workers, as one would have kept them. */
export function mergeFailures(lists: readonly (readonly RecentFailure[])[]): readonly RecentFailure[] {
  const merged: RecentFailure[] = []
  for (const failure of lists.flat().sort((a, b) => a.at - b.at)) {
    const place = merged.findIndex((other) => isSame(other, failure))
    const [before] = place === -1 ? [] : merged.splice(place, 1)
    merged.push({ ...failure, times: failure.times + (before?.times ?? 0) })
  }
  return merged.slice(-mostFailures)
}

function isSame(a: Failed, b: Failed): boolean {
  return (
    a.failure === b.failure &&
    a.route === b.route &&
    a.backend === b.backend &&
    a.client === b.client &&
    a.detail === b.detail
  )
}
