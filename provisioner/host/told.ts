import type { Ms } from '../../gateway/config/units.ts'

/** An answer, or why there is none: one part of what is asked when half of a cluster may be away. */
export type Told<T> = { readonly value: T } | { readonly unknown: string }

/** Never rejects, and never takes longer: what does not answer by then is left to itself. */
export async function told<T>(answer: Promise<T>, limit: Ms): Promise<Told<T>> {
  const { promise: late, resolve } = Promise.withResolvers<Told<T>>()
  const timer = setTimeout(() => resolve({ unknown: `no answer within ${limit / 1000} s` }), limit)
  const asked = answer.then(
    (value) => ({ value }),
    (error: Error) => ({ unknown: error.message.replace(/\.$/, '') }),
  )
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}

export const known = <T>(answer: Told<T>): T | undefined => ('value' in answer ? answer.value : undefined)

/** As JSON tells it: the value itself, or `{ unknown }`. */
export const plainly = <T>(answer: Told<T>): T | { readonly unknown: string } =>
  'value' in answer ? answer.value : answer
