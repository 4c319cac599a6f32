import type { Machine } from '../cluster/machine.ts'
import { buildImage } from '../image/build.ts'
import { fingerprint } from '../image/context.ts'
import type { ImageOptions } from '../image/options.ts'
import { gatewayRecipe, type Recipe as ImageRecipe, jupyterRecipe } from '../image/recipe.ts'
import type { Recipe } from './images.ts'

/** The images of the stack, as an operator wants them. */
export function recipesOf(machine: Machine, options: ImageOptions): { [Name in Recipe['name']]: Recipe } {
  const { base, authorities, languages } = options
  const made = (name: Recipe['name'], recipe: ImageRecipe): Recipe => ({
    name,
    fingerprint: () => fingerprint(recipe),
    build: async (tag, freshness) => void (await buildImage(machine.engine, { ...recipe, tag }, machine, freshness)),
  })
  return {
    jupyter: made('jupyter', jupyterRecipe(languages, { base, authorities })),
    gateway: made('gateway', gatewayRecipe({ base, authorities })),
  }
}
