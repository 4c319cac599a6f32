import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Machine, SECRETS } from '../cluster/machine.ts'
import { OWN_PAIR, ownPair, PAIRS, type PairPaths } from '../cluster/pairs.ts'
import type { Step } from '../cluster/settle.ts'
import { readIfThere, writeWhole } from '../host/files.ts'

/** What is made at random, each in a file of the first machine: hexadecimal, so that it needs no escaping anywhere. */
const BYTES = {
  'jupyter-token': 24,
  // At first one that no server ever had; rotate.ts keeps here what servers that drain still have.
  'jupyter-former-token': 24,
  'jupyter-cookie-secret': 32,
  'admin-token': 24,
  'portainer-password': 24,
} as const

export type RandomSecret = keyof typeof BYTES
export const RANDOM_SECRETS = Object.keys(BYTES) as RandomSecret[]
export type SecretName = RandomSecret | 'tls-cert' | 'tls-key'

/** Where a random one is kept. Nothing else may hold it, but the swarm. */
export const sourceOf = (name: RandomSecret, folder = SECRETS): string => join(folder, name)

/** By which our secrets are known among the swarm's; its value is the plain name. */
export const SECRET_LABEL = 'pyli.secret'

/**
 * A secret of the swarm cannot be changed, so its name says what is in it, and another content is another secret. A part of
 * a plain hash tells nothing of what was made at random.
 */
export const swarmNameOf = (name: SecretName, content: string): string =>
  `pyli-${name}-${createHash('sha256').update(content).digest('hex').slice(0, 12)}`

/** What stack.yml calls it: PYLI_SECRET_JUPYTER_TOKEN. */
export const variableOf = (name: SecretName): string => `PYLI_SECRET_${name.toUpperCase().replaceAll('-', '_')}`

/** The files, made where they are missing and never changed. An empty one is an interrupted write. */
export const secretFiles = (folder = SECRETS): Step[] =>
  RANDOM_SECRETS.map((name) => ({
    title: `a secret: ${name}`,
    look: async () => ((await readIfThere(join(folder, name))) ? undefined : 'there is none yet'),
    change: () => renewSecret(name, folder),
  }))

export const renewSecret = (name: RandomSecret, folder = SECRETS): Promise<void> =>
  writeSecret(join(folder, name), newSecret(name))

export const newSecret = (name: RandomSecret): string => randomBytes(BYTES[name]).toString('hex')
export const writeSecret = (path: string, content: string): Promise<void> => writeWhole(path, content, 0o600)

/** The contents, of those that are there. */
export async function readSecrets(folder = SECRETS, own = OWN_PAIR): Promise<Map<SecretName, string>> {
  const random = RANDOM_SECRETS.map(async (name) => [name, await readIfThere(sourceOf(name, folder))] as const)
  const { cert, key } = await shownCertificate(own)
  const contents = [...(await Promise.all(random)), ['tls-cert', cert] as const, ['tls-key', key] as const]
  return new Map(contents.filter((entry): entry is [SecretName, string] => Boolean(entry[1])))
}

/** What browsers are shown: the operator's own, or ours with the CA that signed it, for clients that trust that one alone. */
async function shownCertificate(own: PairPaths): Promise<{ cert?: string | undefined; key?: string | undefined }> {
  const theirs = await ownPair(own)
  if (theirs !== undefined) return theirs
  const [cert, key, ca] = await Promise.all([PAIRS.gateway.cert, PAIRS.gateway.key, PAIRS.ca.cert].map(readIfThere))
  return { cert: cert && cert + (ca ?? ''), key }
}

/** Each secret's name in the swarm, as stack.yml is given them. */
export const secretVariables = (secrets: ReadonlyMap<SecretName, string>): Record<string, string> =>
  Object.fromEntries([...secrets].map(([name, content]) => [variableOf(name), swarmNameOf(name, content)]))

/** On the first machine, once there is a swarm: files, and secrets of the swarm that are made of them. */
export function secretSteps({ engine }: Machine, folder = SECRETS): Step[] {
  const missing = async () => {
    const wanted = await readSecrets(folder)
    const present = new Set((await ours(engine)).map(({ name }) => name))
    return [...wanted].filter(([name, content]) => !present.has(swarmNameOf(name, content)))
  }
  return [
    ...secretFiles(folder),
    {
      title: 'the swarm has the secrets',
      async look() {
        const names = (await missing()).map(([name]) => name)
        return names.length === 0 ? undefined : `it lacks ${names.join(', ')}`
      },
      async change() {
        for (const [name, content] of await missing()) {
          await engine.createSecret({
            Name: swarmNameOf(name, content),
            Labels: { [SECRET_LABEL]: name },
            Data: Buffer.from(content).toString('base64'),
          })
        }
      },
    },
  ]
}

/** Last, once nothing refers to them any more. The swarm would refuse one that a service still names. */
export function unusedSecrets({ engine }: Machine, folder = SECRETS): Step {
  const look = async () => {
    const wanted = [...(await readSecrets(folder))].map(([name, content]) => swarmNameOf(name, content))
    return toRemove(await ours(engine), wanted, (await engine.listServices()) as unknown as UsesSecrets[])
  }
  return {
    title: 'no secret is left that nothing uses',
    async look() {
      const unused = await look()
      return unused.length === 0 ? undefined : `${unused.map(({ name }) => name).join(', ')}`
    },
    async change() {
      for (const { id } of await look()) await engine.getSecret(id).remove()
    },
  }
}

export interface SwarmSecret {
  readonly id: string
  readonly name: string
}

/** Of a service, only which secrets it names. */
export interface UsesSecrets {
  readonly Spec: SpecWithSecrets
}
interface SpecWithSecrets {
  readonly TaskTemplate?: {
    readonly ContainerSpec?: { readonly Secrets?: readonly { readonly SecretID: string }[] | null }
  }
}

export function toRemove(
  present: readonly SwarmSecret[],
  wanted: readonly string[],
  services: readonly UsesSecrets[],
): SwarmSecret[] {
  const used = new Set(
    services.flatMap(({ Spec }) => Spec.TaskTemplate?.ContainerSpec?.Secrets ?? []).map(({ SecretID }) => SecretID),
  )
  return present.filter(({ id, name }) => !wanted.includes(name) && !used.has(id))
}

async function ours(engine: Machine['engine']): Promise<SwarmSecret[]> {
  const secrets = await engine.listSecrets({ filters: { label: [SECRET_LABEL] } })
  return secrets.map(({ ID, Spec }) => ({ id: ID, name: Spec?.Name ?? '' }))
}
