import { access, chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Step } from '../cluster/settle.ts'

/** Undefined where there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

export const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Whole or not at all, and never readable by more than `mode` says. */
export async function writeWhole(path: string, content: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}`
  await writeFile(draft, content, { mode })
  await chmod(draft, mode) // the umask may have taken more away
  await rename(draft, path)
}

/** Where files are: on this machine's own disk, or on the volume, which may hang (storage/volume.ts). */
export interface Files {
  /** Undefined where there is none. */
  read(path: string): Promise<string | undefined>
  /** Whole or not at all. */
  write(path: string, content: string, mode: number): Promise<void>
}

const ownDisk: Files = { read: readIfThere, write: writeWhole }

/** A folder for root alone. */
export const privateFolder = (path: string): Step => ({
  title: `${path} is for root alone`,
  async look() {
    const { mode } = await stat(path).catch(() => ({ mode: undefined }))
    if (mode === undefined) return 'it is not there'
    return (mode & 0o077) === 0 ? undefined : 'others may look into it'
  },
  async change() {
    await mkdir(path, { recursive: true, mode: 0o700 })
    await chmod(path, 0o700)
  },
})

export interface WantedFile {
  readonly title: string
  readonly path: string
  readonly mode: number
  /** From what is there now, so that others' parts of it stay. Throws Trouble where that cannot be. */
  readonly content: (present: string | undefined) => string | Promise<string>
}

export const fileHolds = ({ title, path, mode, content }: WantedFile, { read, write } = ownDisk): Step => ({
  title,
  async look() {
    const present = await read(path)
    if (present === undefined) return `${path} is not there`
    return present === (await content(present)) ? undefined : `${path} says something else`
  },
  change: async () => write(path, await content(await read(path)), mode),
})
