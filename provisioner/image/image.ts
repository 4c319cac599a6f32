import type { Command } from '../context.ts'
import { Trouble } from '../local/trouble.ts'
import { buildImage } from './build.ts'
import { findEngine } from './engine.ts'
import { help, parseImageOptions, recipeOf } from './options.ts'

/** `pyli image build`. */
export const image: Command = {
  about: 'builds the images of the Jupyter servers and of the gateway',
  help,
  run: async ([verb, ...args], context) => {
    if (verb !== 'build') throw new Trouble(`pyli image has one command, build.\n\n${help()}`)
    const recipe = recipeOf(parseImageOptions(args))
    await buildImage(await findEngine(), recipe, context)
  },
}
