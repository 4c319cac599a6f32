import type Docker from 'dockerode'
import type { Machine } from '../cluster/machine.ts'
import type { Step } from '../cluster/settle.ts'
import { innermost } from '../host/engine-answers.ts'
import type { Freshness } from '../image/build.ts'
import { Trouble } from '../local/trouble.ts'
import { loginFor } from './login.ts'
import { push } from './transfer.ts'

/** An image of ours: what it is called, what it is made of, and how. */
export interface Recipe {
  readonly name: 'jupyter' | 'gateway'
  /** Another one whenever anything has changed that the image is made of. */
  fingerprint(): Promise<string>
  build(tag: string, freshness: Freshness): Promise<void>
}

/**
 * Where an image of these very inputs is, or will be: HOST:PORT/pyli/jupyter:FINGERPRINT. So the registry itself knows
 * whether anything has to be built.
 */
const tagOf = async (registry: string, recipe: Recipe): Promise<string> =>
  `${registry}/pyli/${recipe.name}:${await recipe.fingerprint()}`

/** On the first machine: each image is in the registry. One that is there is neither built nor pushed again, unless afresh. */
export const imageSteps = (
  machine: Machine,
  registry: string,
  recipes: readonly Recipe[],
  { isFresh = false }: Freshness = {},
): Step[] => recipes.map((recipe) => imageStep(machine, registry, recipe, isFresh))

function imageStep(machine: Machine, registry: string, recipe: Recipe, isFresh: boolean): Step {
  let isOld = isFresh
  return {
    title: `the image of the ${recipe.name === 'jupyter' ? 'Jupyter servers' : 'gateway'} is in the registry`,
    async look() {
      if (isOld) return 'it is an older one'
      const tag = await tagOf(registry, recipe)
      return (await digestOf(machine.engine, tag)) === undefined ? `${tag} is not there yet` : undefined
    },
    async change() {
      const tag = await tagOf(registry, recipe)
      await recipe.build(tag, { isFresh })
      await push(machine, tag, machine.stop) // under the same name: services know images by digest, so those that run keep theirs
      isOld = false
    },
  }
}

/** By digest, as services name their images: every node pulls the same, and a tag that moves changes nothing. */
export async function imageByDigest(engine: Docker, registry: string, recipe: Recipe): Promise<string> {
  const tag = await tagOf(registry, recipe)
  const name = await byDigest(engine, tag)
  if (name !== undefined) return name
  throw new Trouble(`${tag} is not in the registry: \`pyli image push\` builds it and brings it there.`)
}

/** What a registry has under that name; undefined where it has nothing. */
export async function byDigest(engine: Docker, tag: string): Promise<string | undefined> {
  const digest = await digestOf(engine, tag)
  return digest && `${tag.slice(0, tag.lastIndexOf(':'))}@${digest}`
}

const WHY_NOT =
  "The cluster's own tells why by `docker logs pyli-registry`; one of yours may want `docker login` as root first."

/** Asked by the engine, which knows the registry's certificates and whom it may show ours. */
async function digestOf(engine: Docker, tag: string): Promise<string | undefined> {
  try {
    const { Descriptor } = await engine.getImage(tag).distribution({ authconfig: await loginFor(tag) })
    return Descriptor.digest
  } catch (error) {
    const { statusCode, message } = error as { statusCode?: number; message: string }
    if (statusCode === 404 || /manifest unknown|name unknown|not found/i.test(message)) return undefined
    throw new Trouble(`The registry does not answer for ${tag}: ${innermost(message)}. ${WHY_NOT}`)
  }
}
