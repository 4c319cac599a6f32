import type { Machine } from '../cluster/machine.ts'
import { follow } from '../image/engine.ts'
import { Trouble } from '../local/trouble.ts'
import { loginFor } from './login.ts'

type Carrier = Pick<Machine, 'engine' | 'progress'>

/** Brings an image to the registry that its name begins with. */
export async function push({ engine, progress }: Carrier, tag: string, abortSignal: AbortSignal): Promise<void> {
  const events = await engine.getImage(tag).push({ authconfig: await loginFor(tag), abortSignal })
  await layersPass(events, progress, { tag, verb: 'pushing', past: 'pushed' })
}

/** Brings an image here. */
export async function pull({ engine, progress }: Carrier, tag: string, abortSignal: AbortSignal): Promise<void> {
  const events = await engine.pull(tag, { authconfig: await loginFor(tag), abortSignal })
  await layersPass(events, progress, { tag, verb: 'fetching', past: 'fetched' })
}

interface Passage {
  readonly tag: string
  readonly verb: string
  readonly past: string
}

/** An answer that began well may end with an error. */
async function layersPass(
  events: NodeJS.ReadableStream,
  progress: Machine['progress'],
  { tag, verb, past }: Passage,
): Promise<void> {
  const layers = new Map<string, string>()
  await follow(events, (event) => {
    const { error, id, status } = event as LayerEvent
    if (error !== undefined) throw new Trouble(`${tag} could not be ${past}: ${error}`)
    if (id === undefined || status === undefined) return
    layers.set(id, status)
    const done = [...layers.values()].filter((each) => DONE.has(each)).length
    progress.doing(`${verb} ${tag}: ${done} of ${layers.size} layers`)
  })
}

interface LayerEvent {
  readonly error?: string
  readonly id?: string
  readonly status?: string
}
const DONE: ReadonlySet<string> = new Set(['Pushed', 'Layer already exists', 'Pull complete', 'Already exists'])
