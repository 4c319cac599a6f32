import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { lifeOf } from './processes.ts'

export interface Holder {
  readonly pid: number
  /** Empty while it is not yet known. */
  readonly address: string
}

export interface Lock {
  /** Tells others where we answer. */
  announce(address: string): Promise<void>
  release(): Promise<void>
}

interface Entry extends Holder {
  /** Undefined where the system does not tell; then a living pid has to do. */
  readonly life: string | undefined
}

/** One process at a time may hold the file. A lock whose holder died, however it died, is free. */
export async function takeLock(path: string): Promise<Lock | Holder> {
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.${randomUUID()}`
  const write = (address: string) => {
    const entry: Entry = { pid: process.pid, address, life: lifeOf(process.pid) }
    return writeFile(draft, JSON.stringify(entry), { mode: 0o600 })
  }

  await write('')
  try {
    for (;;) {
      // link() is atomic, fails where the name is taken, and the file is whole the moment it has that name.
      const taken = await link(draft, path).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return false
          throw error
        },
      )
      if (taken) break
      const holder = await readEntry(path)
      if (holder !== undefined && isHeld(holder)) return holder
      await discard(path, holder)
    }
  } finally {
    await rm(draft, { force: true })
  }

  return {
    async announce(address) {
      await write(address)
      await rename(draft, path)
    },
    async release() {
      const entry = await readEntry(path)
      if (entry?.pid === process.pid) await rm(path, { force: true })
    },
  }
}

export const isLock = (taken: Lock | Holder): taken is Lock => 'release' in taken

async function readEntry(path: string): Promise<Entry | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Entry
  } catch {
    return undefined
  }
}

function isHeld({ pid, life }: Entry): boolean {
  if (life !== undefined) return lifeOf(pid) === life
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Two may find the same dead lock at once; the slower one must not take away what the faster one has put there. */
async function discard(path: string, dead: Entry | undefined): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  await rename(path, aside).catch(() => {})
  const moved = await readEntry(aside)
  if (moved !== undefined && moved.life !== dead?.life && isHeld(moved)) await link(aside, path).catch(() => {})
  await rm(aside, { force: true })
}
