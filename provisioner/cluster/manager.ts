import { networkInterfaces } from 'node:os'
import type { Command, Context } from '../context.ts'
import { readIfThere } from '../host/files.ts'
import type { Run } from '../host/run.ts'
import { deploymentOf } from '../stack/deployment.ts'
import { storageOf } from '../storage/choose.ts'
import { MOUNT } from '../storage/storage.ts'
import { chooseAddress } from './address.ts'
import { readCommandLine, refuseRest, tellOptions } from './command-line.ts'
import { invitation, invitationIsOut, JOIN_TOKEN, toldToWorkers } from './invitation.ts'
import { keptSettings, refuseOtherPart } from './kept-settings.ts'
import type { Machine } from './machine.ts'
import { wantsToMove } from './moving.ts'
import { announceNodes, listNodes, whoIsMissing } from './nodes.ts'
import { optionNames } from './options.ts'
import { type Cluster, type Phase, phases, thisMachineIsFirst } from './phases.ts'
import { type Given, givenSoFar, imageOptions, readSettings } from './settings.ts'
import { settle } from './settle.ts'
import { goesOn, mustBeRoot, thisMachine } from './this-machine.ts'
import { farewell, TOKEN } from './words.ts'

const switches = { plan: { about: 'only tell what would be done' } }

/** `pyli manager`. */
export const manager: Command = {
  about: 'makes this machine the first of a cluster, waits for the others, and serves',
  help: () => `Usage: pyli manager [options]        or: make

Makes this machine the first one of a cluster: installs what is missing, shows how the other machines join, waits for
them, and serves. What it was told is kept in /etc/pyli/settings.json, so later runs need not be told again; an empty
value, as in --with=, takes an option back. Running it again changes nothing that holds.

${tellOptions(optionNames, switches)}`,
  run: (args, context) => goesOn('manager', context, () => beManager(args, context)),
}

async function beManager(args: readonly string[], context: Context): Promise<void> {
  const { progress, isWatched } = context
  const line = readCommandLine('manager', args, optionNames, switches)
  refuseRest('manager', line)
  const isPlan = line.switches.has('plan')
  mustBeRoot('manager')
  const machine = thisMachine(context)
  await refuseOtherPart('manager')
  const cluster = await chosen(machine, line.given)

  const changed: string[] = []
  /** False where a plan cannot look further, as it changes nothing. */
  const hold = async ({ title, steps }: Phase): Promise<boolean> => {
    progress.say(title)
    const titles = await settle(await steps(cluster), { ...machine, isPlan })
    changed.push(...titles)
    if (!isPlan || titles.length === 0) return true
    progress.say('  … and what comes after that')
    return false
  }

  if (!(await hold(thisMachineIsFirst))) return
  await using _ = announceNodes(machine)
  if (!isPlan) await inviteOthers(cluster, context)
  for (const phase of phases) if (!(await hold(phase))) return
  if (isPlan) return
  const token = isWatched ? await readIfThere(TOKEN) : undefined
  progress.say(farewell({ ...cluster, token, isUnchanged: changed.length === 0 }))
}

async function chosen(machine: Machine, now: Given): Promise<Cluster> {
  const { given, settings, movesFrom } = await settleOptions(machine.run, now)
  const address = chooseAddress(settings.advertise, networkInterfaces())
  return {
    machine,
    given,
    settings,
    address,
    storage: storageOf(settings.storage, machine),
    movesFrom,
    deployment: deploymentOf(machine, { ...settings, advertise: address }),
  }
}

/** Where some are missing. */
async function inviteOthers(
  { machine, settings, given, address }: Cluster,
  { progress, isWatched }: Context,
): Promise<void> {
  const { engine, name } = machine
  if (whoIsMissing(await listNodes(engine), name, settings.workers) === undefined) return
  await settle([invitationIsOut(engine)], machine)
  const token = (await readIfThere(JOIN_TOKEN)) ?? ''
  progress.say(invitation({ count: settings.workers, address, options: toldToWorkers(given), token, isWatched }))
}

/** What was told now and in earlier runs. A mistake in what the image is made of is told here, not when it is built. */
async function settleOptions(run: Run, now: Given): Promise<Pick<Cluster, 'given' | 'settings' | 'movesFrom'>> {
  const before = await keptSettings()
  const given = givenSoFar(before, now)
  const settings = readSettings(given)
  imageOptions(settings)
  const isInUse = before !== undefined && (await hasNotebooks(run))
  return { given, settings, movesFrom: isInUse ? wantsToMove(readSettings(before), settings) : undefined }
}

/** Asked of another process, as a volume that is cut off may never answer. */
const hasNotebooks = async (run: Run): Promise<boolean> => (await run(['mountpoint', '--quiet', MOUNT])).code === 0
