import { randomBytes } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'

/** One sentence for whoever runs the gateway: it names the file and says what to do. Its stack is of no use to anybody. */
export class FileError extends Error {
  override readonly name: string = 'FileError'
}

export const modes = { secret: 0o600, open: 0o644 } as const

/** Undefined if there is no such file. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new FileError(`${path} cannot be read (${codeOf(error)}); make it readable for the gateway's user`)
  }
}

/**
 * Writes a file that is never replaced. Of several processes that try at once one succeeds, and all get what that one
 * wrote: rename would let the last one win after the first has gone on with its own.
 */
export async function writeOnce(path: string, content: string, mode: number): Promise<string> {
  await throughTemporary(path, content, mode, async (temporary) => {
    await link(temporary, path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
  })
  return (await readIfThere(path)) ?? content
}

/** Readers see the whole old file or the whole new one. */
export async function replace(path: string, content: string, mode: number): Promise<void> {
  await throughTemporary(path, content, mode, (temporary) => rename(temporary, path))
}

async function throughTemporary(
  path: string,
  content: string,
  mode: number,
  publish: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await writeFile(temporary, content, { mode, flag: 'wx', flush: true })
    await publish(temporary)
  } catch (error) {
    throw new FileError(`${path} cannot be written (${codeOf(error)}); check its folder's owner and free space`)
  } finally {
    await rm(temporary, { force: true })
  }
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error)
}
