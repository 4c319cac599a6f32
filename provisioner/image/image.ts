import type { Command, Context } from '../context.ts'
import { Trouble } from '../local/trouble.ts'
import { debootstrapBase } from './base.ts'
import { buildContext } from './context.ts'
import { findEngine, follow } from './engine.ts'
import { buildArgs } from './languages.ts'
import { DEBOOTSTRAP, help, parseImageOptions } from './options.ts'
import { Steps } from './steps.ts'

/** `pyli image build`. */
export const image: Command = {
  about: 'builds the image of the Jupyter servers',
  help,
  run: async ([verb, ...args], context) => {
    if (verb !== 'build') throw new Trouble(`pyli image has one command, build.\n\n${help()}`)
    await build(args, context)
  },
}

async function build(args: readonly string[], { progress, stop }: Context): Promise<void> {
  const { languages, base, tag, authorities } = parseImageOptions(args)
  const engine = await findEngine()
  const began = Date.now()
  const from = base === DEBOOTSTRAP ? await debootstrapBase(engine, progress, stop) : base
  progress.say(`Building ${tag} with ${languages.join(', ')}`)

  const steps = new Steps(progress, Date.now)
  const options = {
    t: tag,
    buildargs: { BASE: from, ...buildArgs(languages) },
    networkmode: 'host',
    rm: true,
    forcerm: true,
  }
  const events = await engine.buildImage(buildContext(authorities), { ...options, abortSignal: stop })
  await follow(events, (event) => steps.hear(event))
  steps.done()

  const { Size } = await engine.getImage(tag).inspect()
  const seconds = Math.round((Date.now() - began) / 1000)
  progress.say(`${tag} is built: ${Math.round(Size / 1e6)} MB, in ${seconds} s`)
}
