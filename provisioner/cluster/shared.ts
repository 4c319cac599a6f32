import { join } from 'node:path'
import { type Ms, seconds } from '../../gateway/config/units.ts'
import { type Files, fileHolds, readIfThere, writeWhole } from '../host/files.ts'
import type { Run } from '../host/run.ts'
import { told } from '../host/told.ts'
import { CLUSTER } from '../storage/storage.ts'
import { filesOnVolume, namesOnVolume } from '../storage/volume.ts'
import { REGISTRY_TRUST } from './machine.ts'
import { PAIRS } from './pairs.ts'
import type { Step } from './settle.ts'

// What machines tell each other, in the folder of the volume that only root may look into.

/** As engines look for them in /etc/docker/certs.d/HOST:PORT. */
const TRUST = { 'ca.crt': PAIRS.ca.cert, 'client.cert': PAIRS.engine.cert, 'client.key': PAIRS.engine.key } as const
const modeOf = (name: string): number => (name.endsWith('.key') ? 0o600 : 0o644)

/** On the first machine, whose engine brings images there. It reads the files whenever it needs them. */
export const engineIsIntroduced = (registry: string, folder = REGISTRY_TRUST): Step[] =>
  copies(join(folder, registry), `the engine knows the registry ${registry}`)

/** On the first machine, once the volume is mounted: what the other engines need to know of the registry. */
export const othersAreTold = (run: Run, registry: string, folder = CLUSTER): Step[] =>
  copies(join(folder, 'certs.d', registry), 'the others are told of the registry', filesOnVolume(run, folder))

const copies = (folder: string, title: string, files?: Files): Step[] =>
  Object.entries(TRUST).map(([name, source]) => {
    const path = join(folder, name)
    const content = async () => (await readIfThere(source)) ?? ''
    return fileHolds({ title: `${title} (${name})`, path, mode: modeOf(name), content }, files)
  })

interface Copy {
  readonly path: string
  readonly content: string
  readonly mode: number
}

/** On each other machine: what the first one has told, where the engine looks for it. */
export function registryIsKnown(run: Run, patience: Ms, shared = CLUSTER, folder = REGISTRY_TRUST): Step[] {
  const from = join(shared, 'certs.d')
  const names = async () => (await namesOnVolume(run, from, 2)).filter((name) => /\.(crt|cert|key)$/.test(name))
  const differing = async (): Promise<Copy[]> => {
    const copies: Copy[] = []
    for (const name of await names()) {
      const [path, content] = [join(folder, name), (await filesOnVolume(run, shared).read(join(from, name))) ?? '']
      if ((await readIfThere(path)) !== content) copies.push({ path, content, mode: modeOf(name) })
    }
    return copies
  }
  return [
    {
      title: 'the first machine has told of its registry',
      look: async () => ((await names()).length >= Object.keys(TRUST).length ? undefined : 'not yet'),
      patience,
      advice: '`pyli manager` must go on there.',
    },
    {
      title: 'the engine knows the registry',
      look: async () => ((await differing()).length === 0 ? undefined : 'not yet'),
      async change() {
        for (const { path, content, mode } of await differing()) await writeWhole(path, content, mode)
      },
    },
  ]
}

/** What a machine says of itself once nothing is missing. */
export interface Report {
  /** Its id in the swarm: who has left and come back must say it anew. */
  readonly ready: string
}

const reportOf = (name: string, folder: string): string => join(folder, 'reports', `${name}.json`)

export const report = (run: Run, name: string, said: Report, folder = CLUSTER): Promise<void> =>
  filesOnVolume(run, folder).write(reportOf(name, folder), `${JSON.stringify(said)}\n`, 0o600)

async function saysReady(run: Run, { name, id }: Named, folder: string): Promise<boolean> {
  const text = await filesOnVolume(run, folder).read(reportOf(name, folder))
  return text !== undefined && (JSON.parse(text) as Report).ready === id
}

interface Named {
  readonly id: string
  readonly name: string
}

/** Last on each other machine. */
export const readinessIsReported = (run: Run, name: string, nodeId: () => Promise<string>, folder = CLUSTER): Step => ({
  title: 'the first machine is told that this one is ready',
  look: async () => ((await saysReady(run, { name, id: await nodeId() }, folder)) ? undefined : 'not yet'),
  change: async () => report(run, name, { ready: await nodeId() }, folder),
})

/** Each question to the volume ends by itself before that. */
const LIMIT = seconds(30)

/** On the first machine: waits until each of the others has said that nothing is missing. */
export const othersAreReady = (run: Run, nodes: readonly Named[], patience: Ms, folder = CLUSTER): Step => ({
  title: 'the other machines are ready',
  async look() {
    const ready = await told(Promise.all(nodes.map((node) => saysReady(run, node, folder))), LIMIT)
    if ('unknown' in ready) return ready.unknown // a machine that comes or goes may stall the volume: it is waited for
    const waiting = nodes.filter((_, i) => !ready.value[i]).map(({ name }) => name)
    return waiting.length === 0 ? undefined : `${waiting.join(', ')} has not mounted the volume and said so yet`
  },
  patience,
  advice: '`pyli worker` must run on each of them until it says that the machine is ready: it tells what it waits for.',
})
