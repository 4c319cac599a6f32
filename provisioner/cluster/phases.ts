import { engineRuns } from '../host/engine.ts'
import { privateFolder } from '../host/files.ts'
import { kernelHasMesh } from '../host/kernel.ts'
import { packagesAreInstalled } from '../host/packages.ts'
import { DEBOOTSTRAP } from '../image/recipe.ts'
import { type Deployment, deploySteps } from '../stack/deploy.ts'
import { deployedImages } from '../stack/deployment.ts'
import { registryIsGone, registrySteps } from '../stack/registry/registry.ts'
import { secretSteps } from '../stack/secrets.ts'
import type { Storage } from '../storage/storage.ts'
import { certificates } from './certificates.ts'
import { invitationIsOver } from './invitation.ts'
import { settingsAreKept } from './kept-settings.ts'
import { nodesAreLabelled } from './labels.ts'
import { type Machine, SECRETS, STATE, TLS } from './machine.ts'
import { moveIsNoted, moveUnderWay, notebooksHaveMoved, oldPlaceRests } from './moving.ts'
import { type ClusterNode, listNodes, nodesStandOnce, workersHaveJoined } from './nodes.ts'
import { clusterServes } from './serves.ts'
import { type Given, imageOptions, type Settings } from './settings.ts'
import type { Step } from './settle.ts'
import { engineIsIntroduced, othersAreReady, othersAreTold } from './shared.ts'
import { swarmIsLed } from './swarm.ts'
import { certificateNames, TOKEN } from './words.ts'

// What `pyli manager` makes hold, in this order. Each list is made when it is its turn: who the others are is known only
// once they have joined.

export interface Cluster {
  readonly machine: Machine
  readonly given: Given
  readonly settings: Settings
  /** This machine's, settled. */
  readonly address: string
  readonly storage: Storage
  readonly deployment: Deployment
  /** A folder of this machine, where it was alone until now. */
  readonly movesFrom: string | undefined
}

export interface Phase {
  readonly title: string
  readonly steps: (cluster: Cluster) => Step[] | Promise<Step[]>
}

const isOurs = ({ settings }: Cluster): boolean => settings.registry === undefined

export const thisMachineIsFirst: Phase = {
  title: 'This machine',
  steps: ({ machine, given, settings, address, storage, movesFrom }) => [
    ...(settings.overrides.includes('ingress') ? [kernelHasMesh(machine.run)] : []),
    ...engineRuns(machine.run, machine.engine),
    ...packagesFor(machine, storage, imageOptions(settings).base),
    ...storage.prepare(),
    ...[STATE, TLS, SECRETS].map(privateFolder),
    ...certificates(certificateNames(settings, machine.name, address), machine.name, () => new Date()),
    ...(movesFrom === undefined ? [] : [moveIsNoted(movesFrom)]),
    ...settingsAreKept({ ...given, advertise: address }),
    ...swarmIsLed(machine.engine, address),
  ],
}

/** What this machine needs beside the engine. */
function packagesFor({ run }: Machine, storage: Storage, base: string): Step[] {
  const packages = [...storage.packages, ...(base === DEBOOTSTRAP ? ['debootstrap'] : [])]
  return packages.length === 0 ? [] : [packagesAreInstalled(run, packages)]
}

/** Before the others are waited for: meanwhile a person walks from one to the next. */
const imagesAreThere: Phase = {
  title: 'Images',
  steps: (cluster) => {
    const { machine, settings, deployment } = cluster
    return [
      ...(isOurs(cluster)
        ? [...registrySteps(machine, imageOptions(settings)), ...engineIsIntroduced(deployment.registry)]
        : []),
      ...deployedImages(machine, deployment),
    ]
  },
}

const othersHaveJoined: Phase = {
  title: 'The other machines',
  steps: ({ machine, settings }) => [
    ...(settings.workers === 0 ? [] : [workersHaveJoined(machine, settings.workers, settings.deadline)]),
    nodesStandOnce(machine),
  ],
}

const notebooksAreShared: Phase = {
  title: 'Storage',
  async steps(cluster) {
    const { machine, settings, storage, deployment } = cluster
    const [nodes, move] = await Promise.all([readyNodes(machine), moveUnderWay()])
    const others = nodes.filter(({ name }) => name !== machine.name)
    return [
      ...storage.create(nodes),
      ...(move === undefined ? [] : oldPlaceRests(machine, move)),
      ...storage.mount(),
      ...(move === undefined ? [] : [notebooksHaveMoved(machine, move.from)]),
      ...(isOurs(cluster) ? othersAreTold(machine.run, deployment.registry) : []),
      ...(others.length > 0 ? [othersAreReady(machine.run, others, settings.deadline)] : []),
      invitationIsOver(machine.engine),
    ]
  },
}

const servicesRun: Phase = {
  title: 'Services',
  steps(cluster) {
    const { machine, settings, address, deployment } = cluster
    return [
      nodesAreLabelled(machine),
      ...secretSteps(machine),
      ...deploySteps(machine, deployment),
      clusterServes({ host: address, port: settings.httpsPort, tokenFile: TOKEN }),
      ...(isOurs(cluster) ? [] : [registryIsGone(machine)]), // of a cluster that had its own until now
    ]
  },
}

/** Once this machine is the first of a cluster. */
export const phases: readonly Phase[] = [imagesAreThere, othersHaveJoined, notebooksAreShared, servicesRun]

const readyNodes = async ({ engine }: Machine): Promise<ClusterNode[]> =>
  (await listNodes(engine)).filter(({ isReady }) => isReady)
