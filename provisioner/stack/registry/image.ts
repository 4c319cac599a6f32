import type { Machine } from '../../cluster/machine.ts'
import { buildImage } from '../../image/build.ts'
import { fingerprint } from '../../image/context.ts'
import { registryRecipe } from '../../image/recipe.ts'
import type { RegistryOptions } from './registry.ts'

/** Named by what it is made of, so that it is built anew only where that has changed. */
export const registryImageTag = async ({ base }: RegistryOptions): Promise<string> =>
  `pyli-registry:${await fingerprint(registryRecipe({ base }))}`

export async function buildRegistryImage(machine: Machine, options: RegistryOptions): Promise<void> {
  const tag = await registryImageTag(options)
  await buildImage(machine.engine, registryRecipe({ base: options.base, tag }), machine)
}
