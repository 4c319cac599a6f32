/**
 * The first good answer of several who are asked in order: the next one as soon as the one before has failed, or has
 * been silent for `step` milliseconds, while the silent ones may still speak. Rejects with AggregateError when all
 * have failed.
 */
export function staggered<T>(asks: readonly (() => Promise<T>)[], step: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const errors: unknown[] = []
    let begun = 0
    let timer: NodeJS.Timeout | undefined
    const next = () => {
      clearTimeout(timer)
      const ask = asks[begun]
      if (!ask) return
      begun++
      timer = begun < asks.length ? setTimeout(next, step) : undefined
      ask().then(answered, failed)
    }
    const answered = (answer: T) => {
      clearTimeout(timer)
      begun = asks.length // nobody else need be asked
      resolve(answer)
    }
    const failed = (error: unknown) => {
      errors.push(error)
      if (errors.length === asks.length) reject(new AggregateError(errors))
      else next()
    }
    if (asks.length === 0) reject(new AggregateError(errors))
    else next()
  })
}
