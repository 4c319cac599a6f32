import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { type Ms, seconds } from '../../gateway/config/units.ts'
import type { Command, Context } from '../context.ts'
import { engineRuns } from '../host/engine.ts'
import { packagesAreInstalled } from '../host/packages.ts'
import { Trouble } from '../local/trouble.ts'
import { storageOf } from '../storage/choose.ts'
import type { Storage } from '../storage/storage.ts'
import { chooseAddress, type Ends, reach } from './address.ts'
import { readCommandLine, tellOptions } from './command-line.ts'
import { keptWorker, refuseOtherPart, workerSettingsAreKept } from './kept-settings.ts'
import type { Machine } from './machine.ts'
import { workerOptionNames } from './options.ts'
import { readSecret } from './person.ts'
import { givenSoFar, readSettings, type Settings } from './settings.ts'
import { type Step, settle } from './settle.ts'
import { readinessIsReported, registryIsKnown } from './shared.ts'
import { SWARM_PORT, swarmInfo, swarmIsJoined } from './swarm.ts'
import { goesOn, mustBeRoot, thisMachine } from './this-machine.ts'

const switches = {
  'token-file': {
    metavar: 'FILE',
    about: 'where the token is that the first machine shows; without it, standard input',
  },
  plan: { about: 'only tell what would be done on this machine' },
}

/** `pyli worker HOST`. */
export const worker: Command = {
  about: 'makes this machine one of the others',
  help: () => `Usage: pyli worker HOST [options]        or: make worker MANAGER=HOST

Makes this machine a worker of the cluster whose first machine is HOST, and stays until it is ready in every respect.
The token that \`pyli manager\` shows there is asked for, or read from a pipe. Running it again changes nothing that holds.

${tellOptions(workerOptionNames, switches)}`,
  run: (args, context) => goesOn('worker', context, () => beWorker(args, context)),
}

async function beWorker(args: readonly string[], context: Context): Promise<void> {
  const line = readCommandLine('worker', args, workerOptionNames, switches)
  const [manager, ...more] = line.rest
  if (manager === undefined || more.length > 0) {
    throw new Trouble('Say which is the first machine: pyli worker HOST, or make worker MANAGER=HOST.')
  }
  await refuseOtherPart('worker')
  const given = givenSoFar(await keptWorker(), line.given)
  const settings = readSettings(given)
  const isPlan = line.switches.has('plan')
  mustBeRoot('worker')
  const machine = thisMachine(context)
  const settling = { ...machine, isPlan }
  const storage = storageOf(settings.storage, machine)

  await settle(
    [
      ...engineRuns(machine.run, machine.engine),
      ...(storage.packages.length > 0 ? [packagesAreInstalled(machine.run, storage.packages)] : []),
      ...storage.prepare(),
      workerSettingsAreKept(given),
    ],
    settling,
  )
  const { from, to } = await whereManagerIs(machine, manager, isPlan ? seconds(0) : settings.deadline)
  const address = settings.advertise === undefined ? from : chooseAddress(settings.advertise, networkInterfaces())
  const token = () => readToken(line.switches.get('token-file')?.at(-1), context)
  const changed = await settle(
    [swarmIsJoined(machine.engine, { manager, managerAddress: to, address, token })],
    settling,
  )
  if (isPlan) {
    if (changed.length > 0) context.progress.say('  … then the volume and the registry, which the first machine makes')
    return
  }
  await settle(onceJoined(machine, storage, settings), settling)
  context.progress.say(
    `This machine, ${machine.name}, is ready. \`pyli status\` on ${manager} tells how the cluster is.`,
  )
}

/** What waits for the first machine's part, as long as that may take. */
export const onceJoined = (
  { run, name, engine }: Machine,
  storage: Storage,
  { registry, deadline }: Pick<Settings, 'registry' | 'deadline'>,
): Step[] => [
  ...storage.mount().map((step) => ({ ...step, patience: longer(step.patience, deadline) })),
  // Of an operator's own there is nothing to tell: how engines trust it is its operator's choice.
  ...(registry === undefined ? registryIsKnown(run, deadline) : []),
  readinessIsReported(run, name, async () => (await swarmInfo(engine)).NodeID ?? ''),
]

const longer = (a: Ms = seconds(0), b: Ms): Ms => (a > b ? a : b)

/** Also waits for the first machine, which may not be one yet. */
async function whereManagerIs({ progress, sleep, clock, stop }: Machine, manager: string, patience: Ms): Promise<Ends> {
  for (const began = clock(); ; await sleep(seconds(1), stop)) {
    const reached = await reach(manager, SWARM_PORT, seconds(3))
    if ('from' in reached) return reached
    if (reached.why === 'ENOTFOUND' || reached.why === 'EAI_AGAIN') {
      throw new Trouble(`${manager} is no name that this machine knows: give the first machine's address.`)
    }
    if (clock() - began >= patience) {
      throw new Trouble(
        `${manager} does not answer at port ${SWARM_PORT} (${reached.why}): run \`pyli manager\` there, and let this machine reach that port.`,
      )
    }
    progress.doing(`waiting for ${manager}, which does not answer at port ${SWARM_PORT} yet (${reached.why})`)
  }
}

async function readToken(file: string | undefined, context: Context): Promise<string> {
  const token =
    file === undefined ? await readSecret(context, 'The token that the first machine shows') : await read(file)
  if (token === '') {
    throw new Trouble(
      'No token came: pipe it in as the line does that `pyli manager` shows, or name its file with --token-file FILE.',
    )
  }
  if (!/^SWMTKN-1-[0-9a-z]+-[0-9a-z]+$/.test(token)) {
    throw new Trouble(
      'That is no token of a swarm, which begins with SWMTKN-1-: copy the line anew that `pyli manager` shows.',
    )
  }
  return token
}

async function read(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    throw new Trouble(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code}): name the token's file with --token-file FILE.`,
    )
  }
}
