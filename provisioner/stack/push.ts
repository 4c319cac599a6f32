import { readCommandLine, tellOptions } from '../cluster/command-line.ts'
import { settingsHere } from '../cluster/kept-settings.ts'
import { settle } from '../cluster/settle.ts'
import { goesOn, mustBeRoot, thisMachine } from '../cluster/this-machine.ts'
import type { Context } from '../context.ts'
import { Trouble } from '../local/trouble.ts'
import { deployedImages, deploymentOf } from './deployment.ts'

const switches = {
  fresh: { about: 'build all of it anew, with what Debian, PyPI and npm have today: security updates' },
}

export const pushHelp = (): string => tellOptions([], switches)

/** `pyli image push`. */
export const pushImages = (args: readonly string[], context: Context): Promise<void> =>
  goesOn('image push', context, async () => {
    const { switches: said, rest } = readCommandLine('image push', args, [], switches)
    if (rest.length > 0)
      throw new Trouble(`pyli image push takes no ${rest[0]}: what to build was told \`pyli manager\`.`)
    mustBeRoot('image push')
    const machine = thisMachine(context)
    const deployment = deploymentOf(machine, await settingsHere())
    const changed = await settle(deployedImages(machine, deployment, { isFresh: said.has('fresh') }), machine)
    context.progress.say(
      changed.length === 0 ? 'Nothing had to be built.' : '`pyli stack deploy` brings them to the services.',
    )
  })
