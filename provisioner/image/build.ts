import type Docker from 'dockerode'
import type { Context } from '../context.ts'
import { debootstrapBase } from './base.ts'
import { buildContext } from './context.ts'
import { follow } from './engine.ts'
import { DEBOOTSTRAP, type Recipe } from './recipe.ts'
import { Steps } from './steps.ts'

export interface Built {
  /** `sha256:…`: of the engine that built it alone. */
  readonly id: string
  readonly tag: string
  readonly bytes: number
}

export interface Freshness {
  /** Nothing that was built before is taken but the base: what Debian, PyPI and npm have today. */
  readonly isFresh?: boolean
}

/**
 * Builds an image and gives it its name: at the very end, so that of a build that fails or is stopped nothing is tagged.
 * What was built before is found again, step by step. Throws Trouble with the failing step's last lines.
 */
export async function buildImage(
  engine: Docker,
  recipe: Recipe,
  { progress, stop }: Pick<Context, 'progress' | 'stop'>,
  { isFresh = false }: Freshness = {},
): Promise<Built> {
  const { tag, base, dockerfile, args } = recipe
  const began = Date.now()
  const from = base === DEBOOTSTRAP ? await debootstrapBase(engine, progress, stop) : base
  progress.say(`Building ${tag} with ${recipe.holds}`)

  const steps = new Steps(progress, Date.now)
  const options = {
    t: tag,
    dockerfile,
    buildargs: { BASE: from, ...args },
    networkmode: 'host',
    nocache: isFresh,
    pull: isFresh && base !== DEBOOTSTRAP,
    rm: true,
    forcerm: true,
  }
  const events = await engine.buildImage(buildContext(recipe), { ...options, abortSignal: stop })
  await follow(events, (event) => steps.hear(event))
  steps.done()

  const { Id: id, Size: bytes } = await engine.getImage(tag).inspect()
  const seconds = Math.round((Date.now() - began) / 1000)
  progress.say(`${tag} is built: ${Math.round(bytes / 1e6)} MB, in ${seconds} s`)
  return { id, tag, bytes }
}
