import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { seconds } from '../../gateway/config/units.ts'
import { followedBy, type Step } from '../cluster/settle.ts'
import { fileHolds, readIfThere } from '../host/files.ts'
import { succeed } from '../host/run.ts'
import { serviceRuns } from '../host/services.ts'
import { Trouble } from '../local/trouble.ts'
import { type Mount, mountedAt, withMount, withoutMount } from './fstab.ts'
import { CLUSTER, type Host, MOUNT, NOTEBOOKS } from './storage.ts'
import { ask, lastWords, PATIENCE } from './volume.ts'

/** What runs in tasks, as in all Jupyter images: jovyan and users. */
const OWNER = '1000:100'
const KEEPER = '/usr/local/lib/pyli/volume-keeper'
const UNIT = 'pyli-volume.service'
const UNIT_FILE = `/etc/systemd/system/${UNIT}`
const DROP_IN = '/etc/systemd/system/docker.service.d/pyli-volume.conf'
const FSTAB = '/etc/fstab'
const on = ({ root = '' }: Host, path: string): string => root + path
const source = (name: string): Promise<string> => readFile(join(import.meta.dirname, 'keeper', name), 'utf8')

const atMount = async (machine: Host) => mountedAt(await readFile(on(machine, '/proc/self/mounts'), 'utf8'), MOUNT)

/** Why the volume cannot be used here; undefined where it can. Never hangs. */
export async function whyNotMounted(machine: Host, wanted?: Mount): Promise<string | undefined> {
  const mounted = await atMount(machine)
  if (mounted === undefined) return 'it is not mounted'
  if (wanted !== undefined && wanted.type !== 'none' && mounted.source !== wanted.source)
    throw new Trouble(
      `${mounted.source} is mounted at ${MOUNT}, and not ${wanted.source}. Unmount it first, if it may go.`,
    )
  // Of its file system: what is asked of a folder alone, the kernel may answer itself for a volume that is long dead.
  const answer = await ask(machine.run, ['stat', '--file-system', '--format', '%T', MOUNT])
  if (answer === undefined) return 'it is mounted and does not answer'
  return answer.code === 0 ? undefined : lastWords(answer)
}

/** Mounted at MOUNT, now and after each restart, with its folders, and writable. */
export function mounted(machine: Host, mount: () => Promise<Mount>): Step[] {
  return [
    fileHolds({
      title: `${MOUNT} is in /etc/fstab`,
      path: on(machine, FSTAB),
      mode: 0o644,
      content: async (present) => withMount(present ?? '', MOUNT, await mount()),
    }),
    ...[
      { title: 'what keeps it mounted', path: KEEPER, mode: 0o755, from: 'volume-keeper.sh' },
      { title: 'its unit', path: UNIT_FILE, mode: 0o644, from: UNIT },
      { title: 'the engine starts after it', path: DROP_IN, mode: 0o644, from: 'docker.conf' },
    ].map(({ from, path, ...file }) =>
      reloading(machine, fileHolds({ ...file, path: on(machine, path), content: () => source(from) })),
    ),
    serviceRuns(machine.run, UNIT),
    {
      title: `the volume is mounted at ${MOUNT}`,
      look: async () => whyNotMounted(machine, await mount()),
      async change() {
        await machine.run([KEEPER, 'once'], { limit: seconds(100) })
      },
      patience: seconds(60),
      advice: `\`${KEEPER} once\` tells why.`,
    },
    folder(machine, { path: NOTEBOOKS, owner: OWNER, mode: '775' }),
    folder(machine, { path: CLUSTER, owner: '0:0', mode: '700' }),
    writable(machine),
  ]
}

/** systemd reads its files again, and the keeper is started again if it runs. Its FUSE process lives through that. */
const reloading = ({ run }: Host, step: Step): Step =>
  followedBy(step, async () => {
    await run(['systemctl', 'daemon-reload'], { limit: seconds(60) })
    await run(['systemctl', 'try-restart', UNIT], { limit: seconds(200) })
  })

interface Folder {
  readonly path: string
  readonly owner: string
  readonly mode: string
}

const OF_ROOT = 'Root of each machine must be root there: a server of NFS exports it with no_root_squash.'

/** Inside the volume alone: where that is not mounted, neither folder is there, and no task starts. */
const folder = (machine: Host, { path, owner, mode }: Folder): Step => ({
  title: `${path} is there, for ${owner === OWNER ? 'notebooks' : 'root alone'}`,
  async look() {
    const answer = await ask(machine.run, ['stat', '--format', '%u:%g %a', path])
    if (answer === undefined) return 'it does not answer'
    if (answer.code !== 0) return lastWords(answer)
    return answer.stdout.trim() === `${owner} ${mode}` ? undefined : `it is ${answer.stdout.trim()}`
  },
  async change() {
    if ((await whyNotMounted(machine)) !== undefined) return // never beside the volume
    for (const argv of [
      ['mkdir', '-p', path],
      ['chown', owner, path],
      ['chmod', mode, path],
    ] as const) {
      const answer = await ask(machine.run, argv)
      if (answer === undefined) return // what it lacks, and that it does not answer, is told by the next look
      if (answer.code !== 0) throw new Trouble(`${argv.join(' ')} failed: ${lastWords(answer)}. ${OF_ROOT}`)
    }
  },
  patience: seconds(30),
  advice: OF_ROOT,
})

/** It takes writes, to the disk: a volume that has lost its quorum can be read and looks well. */
const writable = (machine: Host): Step => ({
  title: 'the volume takes writes',
  async look() {
    const file = join(CLUSTER, `probe-${machine.name}`)
    const answer = await ask(machine.run, ['dd', 'if=/etc/hostname', `of=${file}`, 'conv=fsync', 'status=none'])
    if (answer === undefined) return 'a write does not end'
    return answer.code === 0 ? undefined : lastWords(answer)
  },
  patience: seconds(60),
})

/** The opposite. Data stay. */
export function unmounted(machine: Host): Step[] {
  return [
    {
      title: 'nothing keeps the volume mounted',
      look: async () => ((await readIfThere(on(machine, KEEPER))) === undefined ? undefined : 'its keeper is there'),
      async change() {
        await machine.run(['systemctl', 'disable', '--now', UNIT], { limit: seconds(100) })
        await succeed(machine.run, ['rm', '-f', ...[UNIT_FILE, DROP_IN, KEEPER].map((path) => on(machine, path))])
        await machine.run(['systemctl', 'daemon-reload'], { limit: seconds(60) })
      },
    },
    fileHolds({
      title: `${MOUNT} is not in /etc/fstab`,
      path: on(machine, FSTAB),
      mode: 0o644,
      content: (present) => withoutMount(present ?? '', MOUNT),
    }),
    {
      title: `nothing is mounted at ${MOUNT}`,
      look: async () => {
        const at = await atMount(machine)
        return at === undefined ? undefined : `${at.source} is`
      },
      async change() {
        await succeed(machine.run, ['umount', '-l', MOUNT], { limit: PATIENCE })
      },
      patience: seconds(10),
    },
  ]
}

/** Only ever once nothing is mounted any more: what is below could be another machine's. */
export const erased = (machine: Host, folder: string): Step => ({
  title: `${folder} is gone`,
  look: async () =>
    (await machine.run(['stat', folder], { limit: seconds(20) })).code === 0 ? 'it is there' : undefined,
  async change() {
    await succeed(machine.run, ['rm', '-rf', '--one-file-system', folder])
  },
})
