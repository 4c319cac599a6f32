import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../cluster/settings.ts'

const FOLDER = join(import.meta.dirname, '..', '..', 'stack')

/** What an operator may add to the stack. */
export const EXTRAS = ['egress', 'ingress'] as const
/** What it has unless an operator leaves it out, or its images cannot be had. */
export const USUAL = ['portainer'] as const
export const OVERRIDES = [...EXTRAS, ...USUAL] as const
export type Override = (typeof OVERRIDES)[number]

const fileOf = (name: string): string => join(FOLDER, `${name}.yml`)
export const overrideFile = (override: Override): string => fileOf(override)

export const stackFiles = (overrides: readonly Override[], { httpPort }: Pick<Settings, 'httpPort'>): string[] =>
  ['stack', ...(httpPort === 'off' ? [] : ['redirect']), ...overrides].map(fileOf)

/** What runs then, as the files call it. */
export const servicesOf = (overrides: readonly Override[]): string[] => [
  'jupyter',
  'gateway',
  ...(overrides.includes('portainer') ? ['portainer', 'portainer-agent'] : []),
]

export interface Wanted {
  readonly settings: Pick<Settings, 'replicas' | 'httpsPort' | 'httpPort'>
  /** How many machines run Jupyter servers. */
  readonly places: number
  /** By digest. */
  readonly images: { readonly jupyter: string; readonly gateway: string }
  /** Names of the swarm's secrets. */
  readonly secrets: Variables
  /** What the operator set besides. */
  readonly tuned: Variables
}

export type Variables = Readonly<Record<string, string>>

/** What stack.yml is given. No secret is in it. */
export const variablesFor = ({ settings, places, images, secrets, tuned }: Wanted): Variables => ({
  ...tuned,
  PYLI_JUPYTER_IMAGE: images.jupyter,
  PYLI_GATEWAY_IMAGE: images.gateway,
  PYLI_REPLICAS: `${settings.replicas * places}`,
  PYLI_REPLICAS_PER_NODE: `${settings.replicas}`,
  PYLI_HTTPS_PORT: `${settings.httpsPort}`,
  ...(settings.httpPort === 'off' ? {} : { PYLI_HTTP_PORT: `${settings.httpPort}` }),
  ...secrets,
})

/** All that the files name, empty, which counts as not set: what the environment of a command holds must change nothing. */
export function unset(files: readonly string[]): Variables {
  const names = files.flatMap((file) => readFileSync(file, 'utf8').match(/(?<=\$\{)PYLI_\w+/g) ?? [])
  return Object.fromEntries(names.map((name) => [name, '']))
}

/** Says of a deployed stack whether it is this one: the same files with the same variables. */
export function fingerprint(files: readonly string[], variables: Variables): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(file))
  hash.update(JSON.stringify(Object.entries(variables).sort()))
  return hash.digest('hex').slice(0, 16)
}
