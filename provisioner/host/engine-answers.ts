// What dockerode leaves to its caller of an engine's answers.

/** What it answers, or undefined where it has no such thing. */
export async function ifThere<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined
    throw error
  }
}

/** What a container without a terminal said: each piece behind eight bytes, which tell its stream and end with its length. */
export function unframed(log: Buffer): string {
  const pieces: Buffer[] = []
  for (let at = 0; at + 8 <= log.length; ) {
    const end = at + 8 + log.readUInt32BE(at + 4)
    pieces.push(log.subarray(at + 8, end))
    at = end
  }
  return Buffer.concat(pieces).toString('utf8') // all at once, as a piece may end within a character
}

/** Of an error in an error in an error, as engines tell of what went wrong, the last two. */
export const innermost = (error: string): string =>
  error
    .replace(/: unknown$/, '')
    .split(': ')
    .slice(-2)
    .join(': ')
