import { readCommandLine, refuseRest, tellOptions } from '../cluster/command-line.ts'
import { settingsHere } from '../cluster/kept-settings.ts'
import type { Machine } from '../cluster/machine.ts'
import { clusterServes } from '../cluster/serves.ts'
import { type Step, settle } from '../cluster/settle.ts'
import { goesOn, mustBeRoot, thisMachine } from '../cluster/this-machine.ts'
import type { Command, Context } from '../context.ts'
import { Trouble } from '../local/trouble.ts'
import { deploySteps } from './deploy.ts'
import { deployedImages, deploymentOf } from './deployment.ts'
import { removeSteps } from './remove.ts'
import { secretSteps, sourceOf } from './secrets.ts'

const switches = { plan: { about: 'only tell what would be done' } }

/** `pyli stack`. */
export const stack: Command = {
  about: 'deploys the services of the cluster, or takes them away',
  help: () => `Usage: pyli stack deploy|rm [options]

On the first machine. deploy brings images, secrets and services to where \`pyli manager\` was told they shall be, one
server after the other, each once nobody uses its kernels; a second one changes nothing. rm ends the services and waits
until each server has ended; notebooks, secrets' files and images stay.

${tellOptions([], switches)}`,
  run: ([verb, ...args], context) => goesOn(`stack ${verb}`, context, () => act(verb, args, context)),
}

async function act(verb: string | undefined, args: readonly string[], context: Context): Promise<void> {
  if (verb !== 'deploy' && verb !== 'rm')
    throw new Trouble(`pyli stack has two commands, deploy and rm.\n\n${stack.help()}`)
  const line = readCommandLine(`stack ${verb}`, args, [], switches)
  refuseRest(`stack ${verb}`, line)
  const isPlan = line.switches.has('plan')
  if (!isPlan) mustBeRoot('stack')
  const machine = thisMachine(context)
  const steps = verb === 'rm' ? removeSteps(machine) : await deployingSteps(machine)
  const changed = await settle(steps, { ...machine, isPlan })
  if (changed.length === 0) context.progress.say('Nothing had to be changed.')
}

async function deployingSteps(machine: Machine): Promise<Step[]> {
  const settings = await settingsHere()
  const deployment = deploymentOf(machine, settings)
  return [
    ...deployedImages(machine, deployment),
    ...secretSteps(machine),
    ...deploySteps(machine, deployment),
    clusterServes({ host: '127.0.0.1', port: settings.httpsPort, tokenFile: sourceOf('jupyter-token') }),
  ]
}
