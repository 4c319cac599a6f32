import { readCommandLine } from '../cluster/command-line.ts'
import { settingsHere } from '../cluster/kept-settings.ts'
import { settle } from '../cluster/settle.ts'
import { goesOn, mustBeRoot, thisMachine } from '../cluster/this-machine.ts'
import type { Command, Context } from '../context.ts'
import { Trouble } from '../local/trouble.ts'
import { deploySteps } from './deploy.ts'
import { deploymentOf } from './deployment.ts'
import { ROTATED, type Rotated, rotationSteps } from './rotate.ts'
import { sourceOf } from './secrets.ts'

const names = Object.keys(ROTATED) as Rotated[]

/** `pyli secret`. */
export const secret: Command = {
  about: 'replaces a secret of the cluster by a new one',
  help: () => `Usage: pyli secret rotate NAME

On the first machine. Makes a new secret, which nobody is told, and brings it to the services that use it. Where it was
interrupted the same command goes on.

${names.map((name) => `  ${name}\n      ${ROTATED[name]}`).join('\n')}

Portainer's password is of use at its first start alone: change it in Portainer. Certificates are renewed by
\`pyli manager\`, and the token by which machines join holds for as long as some are waited for.`,
  run: ([verb, ...args], context) => goesOn(`secret ${verb}`, context, () => act(verb, args, context)),
}

async function act(verb: string | undefined, args: readonly string[], context: Context): Promise<void> {
  if (verb !== 'rotate') throw new Trouble(`pyli secret has one command, rotate.\n\n${secret.help()}`)
  const [name = '', ...others] = readCommandLine('secret rotate', args, [], {}).rest
  if (others.length > 0 || !isRotated(name)) throw new Trouble(`pyli secret rotate takes one of ${names.join(', ')}.`)
  mustBeRoot('secret')
  const machine = thisMachine(context)
  const deployment = deploymentOf(machine, await settingsHere())
  await settle(
    rotationSteps(machine, name, () => deploySteps(machine, deployment)),
    machine,
  )
  context.progress.say(`The new ${name} is in ${sourceOf(name)}, for root alone.`)
}

const isRotated = (name: string): name is Rotated => Object.hasOwn(ROTATED, name)
