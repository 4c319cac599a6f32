import { join } from 'node:path'
import { seconds } from '../../gateway/config/units.ts'
import { succeed } from '../host/run.ts'
import { Trouble } from '../local/trouble.ts'
import { erased, mounted, unmounted, whyNotMounted } from './mounting.ts'
import { type Host, MOUNT, OURS, type Storage } from './storage.ts'

/** A folder of the only machine, bound to where all kinds have their volume: whatever uses it need not know which. */
export function local(machine: Host, folder: string): Storage {
  return {
    kind: 'local',
    packages: [],
    prepare: () => [
      {
        title: `${folder} is there`,
        async look() {
          const { code, stdout } = await machine.run(['stat', '--format', '%F', folder], { limit: seconds(20) })
          if (code === 0 && stdout.trim() !== 'directory')
            throw new Trouble(`${folder} is no folder. Choose another one.`)
          return code === 0 ? undefined : 'it is not'
        },
        async change() {
          await succeed(machine.run, ['mkdir', '-p', folder])
        },
      },
    ],
    create: (nodes) => [
      {
        title: 'there is one machine, with notebooks on its own disk',
        look: async () => (nodes.length === 1 ? undefined : `there are ${nodes.length} machines`),
        advice: 'Machines see each other’s notebooks with gluster or nfs.',
      },
    ],
    mount: () => mounted(machine, async () => ({ source: folder, type: 'none', options: ['bind', 'noauto'] })),
    async look() {
      const why = await whyNotMounted(machine)
      if (why !== undefined) return { health: 'down', lines: [`${MOUNT}: ${why}`] }
      return { health: 'well', lines: [`${folder} of this machine: one copy, which no other machine has`] }
    },
    remove: ({ erase }) => [
      ...unmounted(machine),
      // The folder itself may have been there before, with others' files.
      ...(erase === 'nothing' ? [] : OURS.map((name) => erased(machine, join(folder, name)))),
    ],
  }
}
