import type { Command, Context } from '../context.ts'
import { Trouble } from '../local/trouble.ts'
import { registryIsGone } from '../stack/registry/registry.ts'
import { removeSteps } from '../stack/remove.ts'
import { storageOf } from '../storage/choose.ts'
import type { Erase } from '../storage/storage.ts'
import { readCommandLine, refuseRest, tellOptions } from './command-line.ts'
import { keptSettings, settingsAreForgotten, storageHere } from './kept-settings.ts'
import type { Machine } from './machine.ts'
import { listNodes } from './nodes.ts'
import { confirm } from './person.ts'
import type { StorageChoice } from './settings.ts'
import { settle } from './settle.ts'
import { type Membership, membershipOf, SILENCE, swarmInfo, swarmIsLeft } from './swarm.ts'
import { goesOn, mustBeRoot, thisMachine } from './this-machine.ts'

const switches = {
  yes: { about: 'do not ask' },
  'erase-notebooks': {
    about:
      "given twice: also delete the notebooks, which nobody can bring back: this machine's copy, and on the first machine those of the whole cluster; never those on a server of NFS",
  },
  plan: { about: 'only tell what would be done' },
}

/** `pyli down`. */
export const down: Command = {
  about: 'takes this machine out of its cluster; on the first one, everything that runs',
  help: () => `Usage: pyli down [options]

Takes this machine out of its cluster. On the first machine the services end before, each Jupyter server once nobody
uses its kernels. Notebooks stay where they are; so do certificates, secrets, images and packages: a \`pyli manager\` with
the same options goes on with them.

${tellOptions([], switches)}`,
  run: (args, context) => goesOn('down', context, () => takeDown(args, context)),
}

async function takeDown(args: readonly string[], context: Context): Promise<void> {
  const line = readCommandLine('down', args, [], switches)
  refuseRest('down', line)
  const said = line.switches
  const times = said.get('erase-notebooks')?.length ?? 0
  if (times === 1)
    throw new Trouble('Notebooks are deleted only where --erase-notebooks is given twice. Nothing was done.')
  const isPlan = said.has('plan')
  mustBeRoot('down')

  const machine = thisMachine(context)
  const choice = await storageHere()
  if (choice === undefined) return context.progress.say('This machine is in no cluster of pyli.')
  const membership = await membershipHere(machine)
  refuseSecondManager(machine.name, membership, (await keptSettings()) !== undefined)
  const erase = times > 1 ? whatToErase(choice, membership) : 'nothing'
  if (!isPlan && !said.has('yes') && !(await isMeant(context, membership, erase))) {
    return context.progress.say('Nothing was done.')
  }
  const others = membership === 'manager' ? (await listNodes(machine.engine)).filter(({ isManager }) => !isManager) : []
  const storage = storageOf(choice, machine).remove({ erase })
  await settle(
    [
      // The servers of a worker, which write to the volume, end as it leaves.
      ...(membership === 'manager' ? [...removeSteps(machine), registryIsGone(machine), ...storage] : []),
      ...(membership === 'none' ? [] : [swarmIsLeft(machine.engine)]),
      ...(membership === 'manager' ? [] : storage),
      settingsAreForgotten(),
    ],
    { ...machine, isPlan },
  )
  if (isPlan) return
  if (membership === 'worker') context.progress.say(goodbye(machine.name))
  for (const { name } of others)
    context.progress.say(`On ${name} run \`pyli down\` as well: it is in a swarm without a manager.`)
}

/** A member leaves a swarm without a word, and stays in its list. */
export const goodbye = (name: string): string =>
  `This machine has left. The first one calls it ready for ${SILENCE / 1000} s more, and then down: \`docker node rm ${name}\` there takes it off the list.`

/** A manager that leaves ends everybody's services, and may delete everybody's notebooks: that is the first machine's part. */
export function refuseSecondManager(name: string, membership: Membership, isFirst: boolean): void {
  if (membership !== 'manager' || isFirst) return
  throw new Trouble(
    `${name} is a manager, and not the first machine: take that back with \`docker node demote ${name}\` there, or, where that one is gone for good, with \`docker swarm leave --force\` here. Then run this again.`,
  )
}

/** The volume is everybody's: only the first machine may delete it, and others what is then left of their copies. */
function whatToErase({ kind }: StorageChoice, membership: Membership): Erase {
  if (kind === 'nfs') return 'nothing' // what lies on another's server is its operator's
  return membership === 'manager' ? 'everywhere' : 'here'
}

/** An engine that does not run is in no swarm that could be left. */
async function membershipHere({ engine }: Machine): Promise<Membership> {
  try {
    return membershipOf(await swarmInfo(engine))
  } catch (error) {
    if (error instanceof Trouble) return 'joining' // broken or locked: what it leaves by force
    throw new Trouble('The engine does not answer: start it (`systemctl start docker`), and run this again.')
  }
}

const isMeant = (context: Context, membership: Membership, erase: Erase): Promise<boolean> =>
  confirm(context, question(membership, erase), 'give --yes to go on.')

export function question(membership: Membership, erase: Erase): string {
  const who =
    membership === 'manager'
      ? 'Everybody who uses this cluster is cut off, once their kernels rest.'
      : 'What computes on this machine ends: `pyli node drain` on the first one lets it end by itself.'
  return `${who} ${FATE[erase]} Go on? [y/N]`
}

const FATE: Readonly<Record<Erase, string>> = {
  nothing: 'Notebooks stay.',
  here: 'THE COPY OF THE NOTEBOOKS ON THIS MACHINE IS DELETED.',
  everywhere: 'ALL NOTEBOOKS OF THE WHOLE CLUSTER ARE DELETED.',
}
