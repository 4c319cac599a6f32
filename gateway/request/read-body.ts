import type { HttpExchange } from './exchange.ts'

/**
 * A request's body, whole, up to `limit` bytes; undefined where there is none. For the few requests that say where
 * they go in their body; all others are passed on as they come. `take` is asked whether so many bytes more may be kept.
 */
export async function readBody(
  { body, answer, head }: HttpExchange,
  limit: number,
  take: (bytes: number) => boolean = () => true,
): Promise<Buffer | undefined | 'too-large' | 'too-much' | 'cut'> {
  if (body.length === 0) return undefined
  if (body.length !== undefined && body.length > limit) return 'too-large'
  if (head.headers.some((part, i) => i % 2 === 0 && part.toLowerCase() === 'expect')) answer.inform(100, [])
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of body.stream.iterator({ destroyOnReturn: false })) {
      size += chunk.length
      if (size > limit) return 'too-large'
      if (!take(chunk.length)) return 'too-much'
      chunks.push(chunk)
    }
  } catch {
    return 'cut'
  }
  return Buffer.concat(chunks)
}
