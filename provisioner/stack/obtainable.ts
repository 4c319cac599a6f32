import { readFileSync } from 'node:fs'
import type Docker from 'dockerode'
import type { Machine } from '../cluster/machine.ts'
import { ifThere } from '../host/engine-answers.ts'
import { loginFor } from './login.ts'
import { plainName, viewStack } from './swarm.ts'
import { type Override, overrideFile, type Variables } from './variables.ts'

/**
 * Overrides without those whose images nobody here can fetch, as Portainer's where Docker Hub is out of reach: a service
 * that never starts would keep all others from counting as deployed. What runs already stays.
 */
export async function obtainable(
  { engine, progress }: Pick<Machine, 'engine' | 'progress'>,
  overrides: readonly Override[],
  tuned: Variables,
): Promise<Override[]> {
  const running = new Set((await viewStack(engine)).services.map(plainName))
  const taken: Override[] = []
  for (const override of overrides) {
    const missing = running.has(override) ? undefined : await firstMissing(engine, imagesOf(override, tuned))
    if (missing === undefined) taken.push(override)
    else progress.say(`    ${override} is left out, as its image cannot be fetched: ${missing}`)
  }
  return taken
}

/** Of the file itself: what stands behind ${PYLI_…_IMAGE:-, unless the operator names another one. */
export function imagesOf(override: Override, tuned: Variables): string[] {
  const images = readFileSync(overrideFile(override), 'utf8').matchAll(/\$\{(PYLI_\w*IMAGE):-([^}]+)\}/g)
  return Array.from(images, ([, name = '', usual = '']) => tuned[name] || usual)
}

async function firstMissing(engine: Docker, images: readonly string[]): Promise<string | undefined> {
  for (const image of images) if (!(await canBeHad(engine, image))) return image
  return undefined
}

const canBeHad = async (engine: Docker, image: string): Promise<boolean> =>
  (await ifThere(engine.getImage(image).inspect())) !== undefined ||
  engine
    .getImage(image)
    .distribution({ authconfig: await loginFor(image) })
    .then(
      () => true,
      () => false,
    )
