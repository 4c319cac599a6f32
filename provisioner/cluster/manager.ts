import { networkInterfaces } from 'node:os'
import { formatAddress } from '../../gateway/config/forms/address.ts'
import type { Command, Context } from '../context.ts'
import { engineRuns } from '../host/engine.ts'
import { privateFolder, readIfThere } from '../host/files.ts'
import { packagesAreInstalled } from '../host/packages.ts'
import type { Run } from '../host/run.ts'
import { DEBOOTSTRAP } from '../image/options.ts'
import { Trouble } from '../local/trouble.ts'
import { deploySteps } from '../stack/deploy.ts'
import { imageSteps } from '../stack/images.ts'
import { recipesOf } from '../stack/recipes.ts'
import { REGISTRY_PORT, registrySteps } from '../stack/registry/registry.ts'
import { secretSteps } from '../stack/secrets.ts'
import { storageOf } from '../storage/choose.ts'
import { MOUNT, type Storage } from '../storage/storage.ts'
import { chooseAddress } from './address.ts'
import { certificates } from './certificates.ts'
import { readCommandLine, tellOptions } from './command-line.ts'
import { invitation, invitationIsOut, invitationIsOver, JOIN_TOKEN } from './invitation.ts'
import { keptSettings, refuseToMoveNotebooks, settingsAreKept } from './kept-settings.ts'
import { type Machine, SECRETS, STATE, TLS } from './machine.ts'
import { announceNodes, listNodes, nodesAreLabelled, whoIsMissing, workersHaveJoined } from './nodes.ts'
import { optionNames, workerOptionNames } from './options.ts'
import { clusterServes } from './serves.ts'
import { type Given, imageOptions, readSettings, type Settings } from './settings.ts'
import { type Settling, type Step, settle } from './settle.ts'
import { engineIsIntroduced, othersAreReady, othersAreTold } from './shared.ts'
import { swarmIsLed } from './swarm.ts'
import { goesOn, mustBeRoot, thisMachine } from './this-machine.ts'
import { certificateNames, farewell, TOKEN } from './words.ts'

const switches = { plan: { about: 'only tell what would be done' } }

/** `pyli manager`. */
export const manager: Command = {
  about: 'makes this machine the first of a cluster, waits for the others, and serves',
  help: () => `Usage: pyli manager [options]        or: make

Makes this machine the first one of a cluster: installs what is missing, shows how the other machines join, waits for
them, and serves. What it was told is kept in /etc/pyli/settings.json, so later runs need not be told again. Running it
again changes nothing that holds.

${tellOptions(optionNames, switches)}`,
  run: (args, context) => goesOn('manager', context, () => beManager(args, context)),
}

async function beManager(args: readonly string[], context: Context): Promise<void> {
  const { progress, isWatched } = context
  const line = readCommandLine('manager', args, optionNames, switches)
  if (line.rest.length > 0) throw new Trouble(`pyli manager takes no ${line.rest[0]}. --help tells its options.`)
  const isPlan = line.switches.has('plan')
  if (!isPlan) mustBeRoot('manager')

  const machine = thisMachine(context)
  const { engine } = machine
  const { given, settings } = await settleOptions(machine.run, line.given)
  const address = chooseAddress(settings.advertise, networkInterfaces())
  const registry = settings.registry ?? { host: address, port: REGISTRY_PORT }
  const storage = storageOf(settings.storage, machine)
  const settling: Settling = { ...machine, isPlan }
  const changed: string[] = []
  /** False where a plan cannot look further, as it would change nothing by itself. */
  const hold = async (title: string, steps: readonly Step[]): Promise<boolean> => {
    progress.say(title)
    const titles = await settle(steps, settling)
    changed.push(...titles)
    return !isPlan || titles.length === 0
  }

  const isPrepared = await hold('This machine', [
    ...engineRuns(machine.run, engine),
    ...packagesFor(machine, storage, imageOptions(settings).base),
    ...storage.prepare(),
    ...[STATE, TLS, SECRETS].map(privateFolder),
    ...certificates(certificateNames(settings, machine.name, address), machine.name, () => new Date()),
    ...settingsAreKept({ ...given, advertise: address }),
    ...swarmIsLed(engine, address),
  ])
  if (!isPrepared) return progress.say('  … and then the other machines, the volume, images and services')

  await using _ = announceNodes(machine)
  const missing = whoIsMissing(await listNodes(engine), settings.workers)
  if (missing !== undefined) {
    await hold('The other machines', [invitationIsOut(engine)])
    const token = (await readIfThere(JOIN_TOKEN)) ?? ''
    progress.say(invitation({ count: settings.workers, address, options: toldToWorkers(given), token, isWatched }))
  }
  const recipes = recipesOf(machine, imageOptions(settings))
  const isOurs = settings.registry === undefined
  await hold('Images', [
    ...(isOurs
      ? [...registrySteps(machine, imageOptions(settings)), ...engineIsIntroduced(formatAddress(registry))]
      : []),
    ...imageSteps(machine, formatAddress(registry), Object.values(recipes)),
  ])

  await hold('The other machines', [workersHaveJoined(engine, settings.workers, settings.deadline)])
  const nodes = (await listNodes(engine)).filter(({ isReady }) => isReady)
  const others = nodes.filter(({ name }) => name !== machine.name).map(({ name }) => name)
  await hold('Storage', [
    ...storage.create(nodes),
    ...storage.mount(),
    ...(isOurs ? othersAreTold(formatAddress(registry)) : []),
    othersAreReady(others, settings.deadline),
    invitationIsOver(engine),
  ])
  await hold('Services', [
    nodesAreLabelled(machine),
    ...secretSteps(machine),
    ...deploySteps(machine, { settings, registry: formatAddress(registry), recipes, overrides: [] }),
    clusterServes({ host: address, port: settings.httpsPort, tokenFile: TOKEN }),
  ])
  if (isPlan) return
  progress.say(
    farewell({
      address,
      settings,
      isUnchanged: changed.length === 0,
      token: isWatched ? await readIfThere(TOKEN) : undefined,
    }),
  )
}

/** What each machine needs to be told, and was chosen otherwise than usual. Its address is its own. */
const toldToWorkers = (given: Given): string[] =>
  workerOptionNames
    .filter((name) => name !== 'advertise' && name !== 'deadline' && given[name] !== undefined)
    .map((name) => `--${name}=${given[name]}`)

/** What this machine needs beside the engine. */
function packagesFor({ run }: Machine, storage: Storage, base: string): Step[] {
  const packages = [...storage.packages, ...(base === DEBOOTSTRAP ? ['debootstrap'] : [])]
  return packages.length === 0 ? [] : [packagesAreInstalled(run, packages)]
}

/** What was told now and in earlier runs. A mistake in what the image is made of is told now, and not in a quarter of an hour. */
async function settleOptions(run: Run, now: Given): Promise<{ given: Given; settings: Settings }> {
  const before = await keptSettings()
  const given = { ...before, ...now }
  const settings = readSettings(given)
  imageOptions(settings)
  if (before !== undefined && (await hasNotebooks(run))) refuseToMoveNotebooks(readSettings(before), settings)
  return { given, settings }
}

/** Asked of another process, as a volume that is cut off may never answer. */
const hasNotebooks = async (run: Run): Promise<boolean> => (await run(['mountpoint', '--quiet', MOUNT])).code === 0
