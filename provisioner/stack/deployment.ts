import { formatAddress } from '../../gateway/config/forms/address.ts'
import type { Machine } from '../cluster/machine.ts'
import { imageOptions, type Settings } from '../cluster/settings.ts'
import type { Step } from '../cluster/settle.ts'
import { makeDebootstrapBase } from '../image/base.ts'
import type { Freshness } from '../image/build.ts'
import { DEBOOTSTRAP } from '../image/recipe.ts'
import type { Deployment } from './deploy.ts'
import { fetchSteps } from './fetched.ts'
import { imageSteps } from './images.ts'
import { recipesOf } from './recipes.ts'
import { REGISTRY_PORT } from './registry/registry.ts'

/** HOST:PORT of the operator's own registry, or of the first machine's. */
const registryOf = ({ registry, advertise = '' }: Pick<Settings, 'registry' | 'advertise'>): string =>
  formatAddress(registry ?? { host: advertise, port: REGISTRY_PORT })

/** What runs on a cluster that was chosen so. On the first machine, whose address is settled. */
export const deploymentOf = (machine: Machine, settings: Settings): Deployment => ({
  settings,
  registry: registryOf(settings),
  recipes: recipesOf(machine, imageOptions(settings)),
  overrides: settings.overrides,
})

/** Its images are in the registry, our own and those of others. Afresh all of ours are built anew, from one base. */
export const deployedImages = (
  machine: Machine,
  { settings, registry, recipes, overrides }: Deployment,
  { isFresh = false }: Freshness = {},
): Step[] => [
  ...(isFresh && imageOptions(settings).base === DEBOOTSTRAP ? [baseIsFresh(machine)] : []),
  ...imageSteps(machine, registry, Object.values(recipes), { isFresh }),
  ...fetchSteps(machine, registry, overrides),
]

function baseIsFresh({ engine, progress, stop }: Machine): Step {
  let isMade = false
  return {
    title: 'the base of the images is what Debian has today',
    look: async () => (isMade ? undefined : 'it is an older one'),
    async change() {
      await makeDebootstrapBase(engine, progress, stop)
      isMade = true
    },
  }
}
