import type Docker from 'dockerode'
import { type Ms, minutes } from '../../gateway/config/units.ts'
import { LABELS } from '../cluster/labels.ts'
import type { Machine } from '../cluster/machine.ts'
import { listNodes } from '../cluster/nodes.ts'
import type { Settings } from '../cluster/settings.ts'
import type { Step } from '../cluster/settle.ts'
import { succeed } from '../host/run.ts'
import { explained } from './explain.ts'
import { runnableParts } from './fetched.ts'
import { imageByDigest, type Recipe } from './images.ts'
import { readSecrets, secretVariables, unusedSecrets } from './secrets.ts'
import { assertNotGivenUp, shortfall } from './serving.ts'
import { plainName, STACK, viewStack } from './swarm.ts'
import { tuning } from './tuning.ts'
import { fingerprint, type Override, servicesOf, stackFiles, unset, type Variables, variablesFor } from './variables.ts'

export interface Deployment {
  readonly settings: Settings
  /** HOST:PORT of the images' registry. */
  readonly registry: string
  readonly recipes: { readonly [Name in Recipe['name']]: Recipe }
  readonly overrides: readonly Override[]
}

/** What a service says of the deployment that it is of. */
const DEPLOYED = 'pyli.deployed'
/** Half an hour for what nodes must fetch first. Then one server is replaced after the other: a minute's drain, and a start. */
export const patienceFor = ({ replicas, workers }: Pick<Settings, 'replicas' | 'workers'>): Ms =>
  minutes(30 + 2 * replicas * Math.max(workers, 1))

/** On the first machine: the stack runs as it shall, and people are answered. */
export function deploySteps(machine: Machine, deployment: Deployment): Step[] {
  const { engine, run } = machine
  return [
    {
      title: 'the stack is deployed',
      async look() {
        const { services, mark } = await wantedStack(engine, deployment)
        const present = (await viewStack(engine)).services
        if (present.length === 0) return 'it is not there'
        const marked = present.filter(({ Spec }) => Spec.Labels?.[DEPLOYED] === mark).map(plainName)
        const others = present.map(plainName).filter((name) => !services.includes(name))
        const missing = services.filter((name) => !marked.includes(name))
        if (missing.length > 0) return `${missing.join(', ')} must be changed`
        return others.length === 0 ? undefined : `${others.join(', ')} must go`
      },
      async change() {
        const { files, variables: given } = await wantedStack(engine, deployment)
        const variables = { ...unset(files), ...given }
        await succeed(run, deployCommand(files, deployment.settings.registry !== undefined), { variables })
      },
    },
    {
      title: 'every service of the stack runs',
      look: () =>
        explained(engine, async () => {
          const view = await viewStack(engine)
          assertNotGivenUp(view)
          return shortfall(view)
        }),
      patience: patienceFor(deployment.settings),
      advice: `\`docker service ps --no-trunc ${STACK}_jupyter\` tells the story of its tasks.`,
    },
    unusedSecrets(machine),
  ]
}

interface WantedStack {
  readonly files: readonly string[]
  readonly services: readonly string[]
  readonly variables: Variables
  /** What its services' labels say. */
  readonly mark: string
}

async function wantedStack(
  engine: Docker,
  { settings, registry, recipes, overrides }: Deployment,
): Promise<WantedStack> {
  const tuned = await tuning()
  const [nodes, runnable] = await Promise.all([listNodes(engine), runnableParts(engine, registry, overrides, tuned)])
  const [jupyter, gateway, secrets] = await Promise.all([
    imageByDigest(engine, registry, recipes.jupyter),
    imageByDigest(engine, registry, recipes.gateway),
    readSecrets(),
  ])
  const files = stackFiles(runnable.parts, settings)
  const variables = variablesFor({
    settings,
    places: nodes.filter(({ labels }) => labels[LABELS.jupyter] === 'true').length,
    images: { jupyter, gateway },
    secrets: secretVariables(secrets),
    tuned: { ...tuned, ...runnable.images },
  })
  const mark = fingerprint(files, variables)
  return { files, services: servicesOf(runnable.parts), variables: { ...variables, PYLI_DEPLOYED: mark }, mark }
}

/**
 * `never` ask a registry for the images' digests, as they are named by them. What an operator's registry asks for is handed
 * to the nodes.
 */
export const deployCommand = (files: readonly string[], hasLogin: boolean): [string, ...string[]] => [
  'docker',
  'stack',
  'deploy',
  ...files.flatMap((file) => ['--compose-file', file]),
  '--prune',
  '--resolve-image=never',
  ...(hasLogin ? ['--with-registry-auth'] : []),
  STACK,
]
