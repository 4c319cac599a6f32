import { formatAddress } from '../../gateway/config/forms/address.ts'
import type { Machine } from '../cluster/machine.ts'
import { imageOptions, type Settings } from '../cluster/settings.ts'
import type { Step } from '../cluster/settle.ts'
import type { Freshness } from '../image/build.ts'
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

/** Its images are in the registry, our own and those of others. */
export const deployedImages = (
  machine: Machine,
  { registry, recipes, overrides }: Deployment,
  freshness?: Freshness,
): Step[] => [
  ...imageSteps(machine, registry, Object.values(recipes), freshness),
  ...fetchSteps(machine, registry, overrides),
]
