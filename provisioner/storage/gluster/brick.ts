import { dirname, join } from 'node:path'
import { seconds } from '../../../gateway/config/units.ts'
import type { Machine } from '../../cluster/machine.ts'
import type { Step } from '../../cluster/settle.ts'
import { type Run, succeed } from '../../host/run.ts'
import { Trouble } from '../../local/trouble.ts'
import type { Gluster } from './cli.ts'
import { VOLUME, type Wanted } from './plan.ts'

const LIMIT = seconds(20)

/** The number of the disk that has a folder, or would have it: that of the nearest one above it that exists. */
async function deviceOf(run: Run, path: string): Promise<string> {
  const { code, stdout } = await run(['stat', '--format', '%d', path], { limit: LIMIT })
  return code === 0 || path === '/' ? stdout.trim() : deviceOf(run, dirname(path))
}

/** Whether a brick here would share the system's disk, and stop the machine once it is full. */
export const isOnRootDisk = async ({ run }: Machine, brick: string): Promise<boolean> =>
  (await deviceOf(run, brick)) === (await deviceOf(run, '/'))

const exists = async ({ run }: Machine, path: string): Promise<boolean> =>
  (await run(['stat', path], { limit: LIMIT })).code === 0

/** The place of this machine's copy: refused where it may harm, or is not ours. Gluster makes the folder itself. */
export const brickHasItsPlace = (machine: Machine, gluster: Gluster, { brick, allowsRootDisk }: Wanted): Step => ({
  title: `there is a place for this machine's copy, ${brick}`,
  async look() {
    if (!allowsRootDisk && (await isOnRootDisk(machine, brick))) {
      throw new Trouble(
        `${brick} is on the disk of the system, which notebooks could fill until the machine stops. Mount a disk of its own and give a folder on it with --brick, or allow it with --root-disk allow.`,
      )
    }
    // What another volume left, or a machine that was of another cluster. `force` would take it over.
    if (await exists(machine, join(brick, '.glusterfs'))) {
      const volume = await gluster.volume(VOLUME)
      if (volume?.bricks.some(({ path }) => path === brick)) return undefined
      throw new Trouble(
        `${brick} holds the copy of another volume, or of an earlier one. Nothing was changed. Give another folder with --brick; or, if what is in it may go, remove it.`,
      )
    }
    return (await exists(machine, dirname(brick))) ? undefined : 'its folder is not there'
  },
  async change() {
    await succeed(machine.run, ['mkdir', '-p', dirname(brick)])
  },
})
