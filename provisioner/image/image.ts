import { goesOn } from '../cluster/this-machine.ts'
import type { Command, Context } from '../context.ts'
import { Trouble } from '../local/trouble.ts'
import { pushHelp, pushImages } from '../stack/push.ts'
import { buildImage } from './build.ts'
import { findEngine } from './engine.ts'
import { buildHelp, parseImageOptions, recipeOf } from './options.ts'
import { runImage } from './run.ts'
import { parseRunOptions, runHelp } from './run-options.ts'

const verbs: Readonly<Record<string, (args: readonly string[], context: Context) => Promise<void>>> = {
  build: (args, context) =>
    goesOn('image build', context, async () => {
      const recipe = recipeOf(parseImageOptions(args))
      await buildImage(await findEngine(), recipe, context)
    }),
  run: (args, context) => runImage(parseRunOptions(args), context),
  push: pushImages,
}

/** `pyli image build`, `run` and `push`. */
export const image: Command = {
  about: 'builds the images of the Jupyter servers and of the gateway, tries one, and brings them to the registry',
  help,
  run: async ([name = '', ...args], context) => {
    const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined
    if (verb === undefined)
      throw new Trouble(`pyli image has the commands ${Object.keys(verbs).join(', ')}.\n\n${help()}`)
    await verb(args, context)
  },
}

export function help(): string {
  return `Usage: pyli image build [jupyter|gateway] [options]

Builds the image of the Jupyter servers, or that of the gateway, with Docker.

${buildHelp()}

Usage: pyli image run [options]

Runs one Jupyter server of an image, as it is meant to be run, and prints its address.

${runHelp()}

Usage: pyli image push [options]

On the first machine of a cluster: builds what has changed of its images, and brings it to the registry. \`pyli stack
deploy\` does so as well, and then brings it to the services.

${pushHelp()}`
}
