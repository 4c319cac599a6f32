import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileHolds, readIfThere } from '../host/files.ts'
import { type Run, succeed } from '../host/run.ts'
import { Trouble } from '../local/trouble.ts'
import { removeSteps } from '../stack/remove.ts'
import { local } from '../storage/local.ts'
import { NOTEBOOKS } from '../storage/storage.ts'
import { namesOnVolume } from '../storage/volume.ts'
import { ETC, type Machine } from './machine.ts'
import type { Settings, StorageChoice } from './settings.ts'
import type { Step } from './settle.ts'

// A machine that was alone gets company: its notebooks move from a folder of its own into the volume of all.

/** There from the moment when the move is decided until it is done: an interrupted one goes on. */
const FILE = join(ETC, 'moving.json')

interface Move {
  /** The folder. It stays as it was. */
  readonly from: string
  /** What is in the volume may be half a copy of ours, and of nobody else's. */
  readonly hasBegun: boolean
}

export async function moveUnderWay(file = FILE): Promise<Move | undefined> {
  const text = await readIfThere(file)
  return text === undefined ? undefined : (JSON.parse(text) as Move)
}

/** The folder to move from, where that is wanted. Throws Trouble for what is not done by itself. */
export function wantsToMove({ storage: before }: Settings, { storage: now }: Settings): string | undefined {
  if (JSON.stringify(before) === JSON.stringify(now)) return undefined
  if (before.kind === 'local' && now.kind !== 'local') return before.folder
  throw new Trouble(
    `The notebooks of this cluster are in ${words(before)}, and do not move by themselves to ${words(now)}. Leave that as it was; or copy them elsewhere, begin anew after \`pyli down\`, which leaves them where they are, and copy them back.`,
  )
}

const words = ({ kind, ...rest }: StorageChoice): string =>
  `storage ${kind} (${Object.entries(rest)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')})`

const noted = (move: Move, file: string): Step =>
  fileHolds({
    title: `the notebooks in ${move.from} shall move: servers end before, each once nobody uses its kernels`,
    path: file,
    mode: 0o644,
    content: () => `${JSON.stringify(move)}\n`,
  })

export const moveIsNoted = (from: string, file = FILE): Step => noted({ from, hasBegun: false }, file)

/** Once the new volume is there and before it is mounted: nobody writes to the old one any more. */
export const oldPlaceRests = (machine: Machine, { from }: Move): Step[] => [
  ...removeSteps(machine),
  ...local(machine, from).remove({ erase: 'nothing' }),
]

/** Once the new volume is mounted. */
export const notebooksHaveMoved = (machine: Machine, from: string, to = NOTEBOOKS, file = FILE): Step => ({
  title: `the notebooks of ${from} are in the volume`,
  look: async () => ((await moveUnderWay(file)) === undefined ? undefined : 'they are not'),
  async change() {
    if (!(await moveUnderWay(file))?.hasBegun) {
      await refuseToMix(machine.run, to)
      await noted({ from, hasBegun: true }, file).change?.()
    }
    // Without a limit: it takes as long as there are notebooks.
    await succeed(machine.run, ['cp', '--archive', `${from}/notebooks/.`, to])
    await rm(file)
  },
})

/** What servers write to see whether they can. */
const PROBES = '.pyli'

async function refuseToMix(run: Run, to: string): Promise<void> {
  const present = (await namesOnVolume(run, to)).filter((name) => name !== PROBES)
  if (present.length === 0) return
  throw new Trouble(
    `${to} holds notebooks already, ${present[0]} for one, and yours could take the place of others: move them elsewhere, and run this again.`,
  )
}
