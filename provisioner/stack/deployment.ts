import { formatAddress } from '../../gateway/config/forms/address.ts'
import type { Machine } from '../cluster/machine.ts'
import { imageOptions, type Settings } from '../cluster/settings.ts'
import type { Deployment } from './deploy.ts'
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
