import { duration } from '../../gateway/config/forms/quantity.ts'
import { type Ms, ms } from '../../gateway/config/units.ts'
import { readCommandLine, tellOptions } from '../cluster/command-line.ts'
import { LABELS } from '../cluster/labels.ts'
import type { Machine } from '../cluster/machine.ts'
import { listNodes } from '../cluster/nodes.ts'
import { settle } from '../cluster/settle.ts'
import { goesOn, mustBeRoot, thisMachine } from '../cluster/this-machine.ts'
import type { Command, Context } from '../context.ts'
import { Trouble } from '../local/trouble.ts'
import { gatewayAdmin } from './gateway-admin.ts'
import { activateSteps, drainSteps } from './node.ts'

const switches = {
  wait: { metavar: 'TIME', about: 'how long kernels that are used are waited for (default 1h; 0s: not at all)' },
  plan: { about: 'only tell what would be done' },
}

/** `pyli node`. */
export const node: Command = {
  about: 'empties a machine of the cluster before its engine is upgraded or it is restarted, and fills it again',
  help: () => `Usage: pyli node drain|activate NAME [options]

On the first machine. An engine that is restarted kills what runs on it after ten seconds, kernels as well. So drain
comes before: the machine's servers take no one new, their kernels are waited for, and then Swarm ends its tasks, which
again waits for those who use one. activate takes that back; what runs elsewhere meanwhile stays there.

${tellOptions([], switches)}`,
  run: ([verb, ...args], context) => goesOn(`node ${verb}`, context, () => act(verb, args, context)),
}

async function act(verb: string | undefined, args: readonly string[], context: Context): Promise<void> {
  if (verb !== 'drain' && verb !== 'activate')
    throw new Trouble(`pyli node has two commands, drain and activate.\n\n${node.help()}`)
  const { switches: said, rest } = readCommandLine(`node ${verb}`, args, [], switches)
  const [name, ...others] = rest
  if (name === undefined || others.length > 0)
    throw new Trouble(`pyli node ${verb} takes the name of one machine, as \`docker node ls\` lists them.`)
  const patience = readWait(said.get('wait')?.at(-1) ?? '1h')
  const isPlan = said.has('plan')
  if (!isPlan) mustBeRoot('node')
  const machine = thisMachine(context)
  const gateway = gatewayAdmin()
  if (verb === 'drain') await tellOfGateway(machine, name)
  const steps = verb === 'drain' ? drainSteps(machine, gateway, name, patience) : activateSteps(machine, gateway, name)
  await settle(steps, { ...machine, isPlan })
  if (isPlan) return
  context.progress.say(
    verb === 'drain'
      ? `${name} is empty: upgrade or restart it, and then run \`pyli node activate ${name}\`.`
      : `${name} takes part again.`,
  )
}

/** People are answered on managers alone. */
async function tellOfGateway({ engine, progress }: Machine, name: string): Promise<void> {
  const gateways = (await listNodes(engine)).filter(
    ({ labels, isActive }) => isActive && labels[LABELS.gateway] === 'true',
  )
  if (!gateways.some((each) => each.name === name)) return
  progress.say(
    gateways.length === 1
      ? `${name} has the only gateway: from its drain to its return nobody is answered, and kernels on other machines run on.`
      : `${name} has one of ${gateways.length} gateways: people who opened it by its address are not answered until it returns.`,
  )
}

function readWait(text: string): Ms {
  const reading = duration({ least: ms(0) }).read(text)
  if ('value' in reading) return reading.value
  throw new Trouble(`--wait must ${reading.must}, got ${JSON.stringify(text)}`)
}
