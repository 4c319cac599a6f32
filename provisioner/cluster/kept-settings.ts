import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileHolds, readIfThere } from '../host/files.ts'
import { Trouble } from '../local/trouble.ts'
import { ETC } from './machine.ts'
import { type Given, readSettings, type Settings, type StorageChoice } from './settings.ts'
import type { Step } from './settle.ts'

const FILE = join(ETC, 'settings.json')
/** A copy of the files of --ca, as those that were given may go. */
const AUTHORITIES = join(ETC, 'authorities.pem')

/** Of another machine: its own options, of which storage is what later commands must know. */
const WORKER_FILE = join(ETC, 'worker.json')

/** What `pyli manager` was told on this machine, all times together; undefined where it never ran. */
export const keptSettings = (file = FILE): Promise<Given | undefined> => read(file, 'manager')

/** The same of `pyli worker`. */
export const keptWorker = (file = WORKER_FILE): Promise<Given | undefined> => read(file, 'worker')

/** Throws Trouble where this machine has the other part in a cluster. */
export async function refuseOtherPart(
  wanted: 'manager' | 'worker',
  files = { manager: FILE, worker: WORKER_FILE },
): Promise<void> {
  const [isFirst, isOther] = [await keptSettings(files.manager), await keptWorker(files.worker)]
  if (wanted === 'manager' && isOther !== undefined) {
    throw new Trouble(
      'This machine is a worker: run this on the first machine, or let this one leave with `pyli down`.',
    )
  }
  if (wanted === 'worker' && isFirst !== undefined) {
    throw new Trouble(
      'This machine is the first one of a cluster: to make it a worker of another, run `pyli down` on it before.',
    )
  }
}

/** Last, once this machine is in no cluster. */
export const settingsAreForgotten = (files: readonly string[] = [FILE, WORKER_FILE, AUTHORITIES]): Step => ({
  title: 'nothing is kept of what was chosen',
  async look() {
    const texts = await Promise.all(files.map(readIfThere))
    return texts.every((text) => text === undefined) ? undefined : 'it is'
  },
  change: async () => void (await Promise.all(files.map((file) => rm(file, { force: true })))),
})

/** The storage of the cluster of which this machine is any one. */
export async function storageHere(): Promise<StorageChoice | undefined> {
  const given = (await keptSettings()) ?? (await keptWorker())
  return given === undefined ? undefined : readSettings(given).storage
}

async function read(file: string, command: string): Promise<Given | undefined> {
  const text = await readIfThere(file)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as Given
  } catch {
    throw new Trouble(`${file} is not JSON: mend it, or remove it and give \`pyli ${command}\` its options again.`)
  }
}

/** What the cluster is, for other commands on the first machine. */
export async function settingsHere(file = FILE): Promise<Settings> {
  const given = await keptSettings(file)
  if (given === undefined) throw new Trouble('This is not the first machine of a cluster: `pyli manager` makes it one.')
  return readSettings(given)
}

export const workerSettingsAreKept = (given: Given, file = WORKER_FILE): Step =>
  fileHolds({
    title: `what was chosen is in ${file}`,
    path: file,
    mode: 0o644,
    content: () => written(given),
  })

/** What later runs go on from. */
export const settingsAreKept = (given: Given, file = FILE, authorities = AUTHORITIES): Step[] => [
  ...(given.ca
    ? [
        fileHolds({
          title: 'the authorities for building images are kept',
          path: authorities,
          mode: 0o644,
          content: () => joined(given.ca?.split(',') ?? []),
        }),
      ]
    : []),
  fileHolds({
    title: `what was chosen is in ${file}`,
    path: file,
    mode: 0o644,
    content: () => written(given.ca ? { ...given, ca: authorities } : given),
  }),
]

function written({ deadline, ...kept }: Given): string {
  return `${JSON.stringify(kept, null, 2)}\n`
}

async function joined(files: readonly string[]): Promise<string> {
  const texts = await Promise.all(files.map((each) => readFile(each.trim(), 'utf8')))
  return texts.map((text) => `${text.trim()}\n`).join('')
}
