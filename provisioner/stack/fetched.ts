import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type Docker from 'dockerode'
import { minutes, seconds } from '../../gateway/config/units.ts'
import type { Machine } from '../cluster/machine.ts'
import type { Step } from '../cluster/settle.ts'
import { ifThere, innermost } from '../host/engine-answers.ts'
import { told } from '../host/told.ts'
import { byDigest } from './images.ts'
import { loginFor } from './login.ts'
import { plainName, viewStack } from './swarm.ts'
import { pull, push } from './transfer.ts'
import { tuning } from './tuning.ts'
import { type Override, overrideFile, type Variables } from './variables.ts'

/** An image of somebody else's, which a part of the stack runs. */
export interface FetchedImage {
  /** By which the part's file names it: PYLI_PORTAINER_AGENT_IMAGE. */
  readonly variable: string
  /** The service that runs it, which is also what the registry calls it: portainer-agent. */
  readonly service: string
  /** Where it comes from: portainer/agent:2.33.5. */
  readonly source: string
}

/** Of the part's file itself: what stands behind ${PYLI_…_IMAGE:-, unless the operator names another one. */
export function fetchedImages(part: Override, tuned: Variables): FetchedImage[] {
  const images = readFileSync(overrideFile(part), 'utf8').matchAll(/\$\{(PYLI_(\w+)_IMAGE):-([^}]+)\}/g)
  return Array.from(images, ([, variable = '', name = '', usual = '']) => ({
    variable,
    service: name.toLowerCase().replaceAll('_', '-'),
    source: tuned[variable] || usual,
  }))
}

/** Where the registry has it, or will have it. Of another source it is another one. */
export const copyOf = (registry: string, { service, source }: FetchedImage): string =>
  `${registry}/pyli/${service}:${createHash('sha256').update(source).digest('hex').slice(0, 12)}`

/** Whoever is out of reach is not to be waited for: `make` goes on without what is only useful. */
const ANSWER_LIMIT = seconds(15)
const PULL_LIMIT = minutes(5)

/**
 * On the first machine: the registry has a copy of what others' images the stack's parts run. So the other machines need not
 * reach where they come from, and no part that runs is lost when that is out of reach for a while. What cannot be had is
 * told, and is no failure.
 */
export const fetchSteps = (
  machine: Machine,
  registry: string,
  parts: readonly Override[],
  readTuning = tuning,
): Step[] =>
  parts
    .filter((part) => fetchedImages(part, {}).length > 0)
    .map((part) => fetchStep(machine, part, registry, async () => fetchedImages(part, await readTuning())))

function fetchStep(machine: Machine, part: Override, registry: string, images: () => Promise<FetchedImage[]>): Step {
  const { engine, progress, stop } = machine
  let isGivenUp = false
  const giveUp = async ({ source }: FetchedImage, why: string) => {
    isGivenUp = true
    const outcome = (await viewStack(engine)).services.map(plainName).includes(part) ? 'stays as it is' : 'is left out'
    progress.say(
      `    ${part} ${outcome}, as ${source} cannot be fetched (${why}): \`docker load\` it here and run this again, or give --without ${part}`,
    )
  }
  const missing = async () => {
    const copies = await Promise.all((await images()).map(async (image) => ({ image, copy: copyOf(registry, image) })))
    const there = await Promise.all(copies.map(({ copy }) => byDigest(engine, copy)))
    return copies.filter((_, index) => there[index] === undefined)
  }
  return {
    title: `the registry has the images of ${part}, where they can be had`,
    async look() {
      if (isGivenUp) return undefined
      const all = await missing()
      for (const { image } of all) {
        const why = await whyOutOfReach(engine, image.source)
        if (why === undefined) continue
        await giveUp(image, why)
        return undefined
      }
      return all.length === 0 ? undefined : `it lacks ${all.map(({ image }) => image.source).join(', ')}`
    },
    async change() {
      for (const { image, copy } of await missing()) {
        try {
          await bringHere(machine, image.source)
        } catch (error) {
          if (stop.aborted) throw error
          return giveUp(image, (error as Error).message)
        }
        const [repo, tag] = [copy.slice(0, copy.lastIndexOf(':')), copy.slice(copy.lastIndexOf(':') + 1)]
        await engine.getImage(image.source).tag({ repo, tag })
        await push(machine, copy, stop)
      }
    },
  }
}

const isHere = async (engine: Docker, source: string): Promise<boolean> =>
  (await ifThere(engine.getImage(source).inspect())) !== undefined

async function whyOutOfReach(engine: Docker, source: string): Promise<string | undefined> {
  if (await isHere(engine, source)) return undefined
  const authconfig = await loginFor(source)
  const answer = await told(engine.getImage(source).distribution({ authconfig }), ANSWER_LIMIT)
  return 'unknown' in answer ? innermost(answer.unknown) : undefined
}

async function bringHere(machine: Machine, source: string): Promise<void> {
  if (await isHere(machine.engine, source)) return
  await pull(machine, source, AbortSignal.any([machine.stop, AbortSignal.timeout(PULL_LIMIT)]))
}

/** What of the wanted parts can run, and by which images: the registry's, or else those that they run already. */
export interface Runnable {
  readonly parts: readonly Override[]
  readonly images: Variables
}

export async function runnableParts(
  engine: Docker,
  registry: string,
  wanted: readonly Override[],
  tuned: Variables,
): Promise<Runnable> {
  const { services } = await viewStack(engine)
  const running = new Map(
    services.map((service) => [plainName(service), service.Spec.TaskTemplate.ContainerSpec?.Image]),
  )
  const parts: Override[] = []
  const images: Record<string, string> = {}
  for (const part of wanted) {
    const found = await Promise.all(
      fetchedImages(part, tuned).map(async (image) => {
        const name = (await byDigest(engine, copyOf(registry, image))) ?? running.get(image.service)
        return [image.variable, name] as const
      }),
    )
    const known = found.filter((entry): entry is [string, string] => entry[1] !== undefined)
    if (known.length < found.length) continue
    parts.push(part)
    Object.assign(images, Object.fromEntries(known))
  }
  return { parts, images }
}
