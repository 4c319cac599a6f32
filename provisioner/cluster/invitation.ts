import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { readIfThere, writeWhole } from '../host/files.ts'
import { STATE } from './machine.ts'
import { workerOptionNames } from './options.ts'
import type { Given } from './settings.ts'
import type { Step } from './settle.ts'

/** The token of workers alone, while machines are awaited. That of managers is neither kept nor told. */
export const JOIN_TOKEN = join(STATE, 'join-token')

const workerToken = async (engine: Docker): Promise<string> => (await engine.swarmInspect()).JoinTokens?.Worker ?? ''

/** On the first machine, while others are awaited. */
export const invitationIsOut = (engine: Docker, file = JOIN_TOKEN): Step => ({
  title: `the token by which other machines join is in ${file}`,
  look: async () => ((await readIfThere(file)) === (await workerToken(engine)) ? undefined : 'it is not there yet'),
  change: async () => writeWhole(file, await workerToken(engine), 0o600),
})

/** Once all have come: the token stands in a shell's history and on a screen, so it opens nothing any more. */
export const invitationIsOver = (engine: Docker, file = JOIN_TOKEN): Step => ({
  title: 'the token by which they joined opens nothing any more',
  look: async () => ((await readIfThere(file)) === undefined ? undefined : 'it still does'),
  async change() {
    const { Spec, Version } = await engine.swarmInspect()
    await engine.swarmUpdate({ ...Spec, version: Version.Index, rotateWorkerToken: true })
    await rm(file, { force: true })
  },
})

/** What each machine needs to be told, and was chosen otherwise than usual. Its address is its own. */
export const toldToWorkers = (given: Given): string[] =>
  workerOptionNames
    .filter((name) => name !== 'advertise' && name !== 'deadline' && given[name] !== undefined)
    .map((name) => `--${name}=${given[name]}`)

export interface Guests {
  readonly count: number
  readonly address: string
  /** Options that each machine needs to be told. */
  readonly options: readonly string[]
  readonly token: string
  /** A person reads it, and no log keeps it. */
  readonly isWatched: boolean
}

/** What to do on the other machines. The shell's own echo shows its argument in no list of processes. */
export function invitation({ count, address, options, token, isWatched }: Guests, file = JOIN_TOKEN): string {
  const args = options.length === 0 ? '' : ` OPTIONS='${options.join(' ')}'`
  const line = `make worker MANAGER=${address}${args}`
  const where = count === 1 ? 'On the other machine' : `On each of the other ${count} machines`
  const how = isWatched
    ? [`  echo ${token} | ${line}`]
    : [`  ${line}`, '', `It asks for the token, which is in ${file} on this machine, for root alone.`]
  return ['', `${where}, as root, in the project's folder:`, '', ...how, ''].join('\n')
}
