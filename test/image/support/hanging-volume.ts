import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, open, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'

const run = promisify(execFile)
const SIZE = 32 * 1024 * 1024

export interface HangingVolume {
  readonly folder: string
  /** From now on whoever writes waits, and cannot be killed: as on a disk in the network that is gone. */
  hang(hostname: string): Promise<void>
  answer(): Promise<void>
}

/**
 * A file system of its own, which its kernel can freeze. Where this machine lets nobody mount one, a pipe in the place of the
 * file that the health check writes: who opens it waits as well, though he could be killed.
 */
export async function volumeThatHangs(t: Test): Promise<HangingVolume> {
  const place = await mkdtemp(join(tmpdir(), 'pyli-hangs-'))
  const folder = join(place, 'notebooks')
  await mkdir(folder)
  const isMounted = await mount(join(place, 'disk'), folder).catch((error: Error) => {
    t.comment(`no file system can be mounted here (${error.message.split('\n')[0]}): a pipe hangs in its place`)
    return false
  })
  await chown(folder, 1000, 100)
  const volume = isMounted ? frozen(folder) : piped(folder)
  t.teardown(async () => {
    await volume.answer()
    if (isMounted) await run('umount', ['--lazy', folder])
    await rm(place, { recursive: true, force: true })
  })
  return volume
}

async function mount(disk: string, folder: string): Promise<true> {
  await (await open(disk, 'w')).close()
  await truncate(disk, SIZE)
  await run('mkfs.ext4', ['-q', disk])
  await run('mount', ['-o', 'loop', disk, folder])
  return true
}

function frozen(folder: string): HangingVolume {
  let isFrozen = false
  return {
    folder,
    async hang() {
      await run('fsfreeze', ['--freeze', folder])
      isFrozen = true
    },
    async answer() {
      if (isFrozen) await run('fsfreeze', ['--unfreeze', folder])
      isFrozen = false
    },
  }
}

function piped(folder: string): HangingVolume {
  let pipe: string | undefined
  return {
    folder,
    async hang(hostname) {
      pipe = join(folder, '.pyli', `health-${hostname}`)
      await rm(pipe, { force: true })
      await run('mkfifo', [pipe])
      await chmod(pipe, 0o666)
    },
    async answer() {
      if (pipe === undefined) return
      await run('timeout', ['5', 'cat', pipe])
      await rm(pipe)
      pipe = undefined
    },
  }
}
