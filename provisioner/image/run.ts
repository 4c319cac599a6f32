import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { resolve } from 'node:path'
import type { Context } from '../context.ts'
import { Trouble } from '../local/trouble.ts'
import { findEngine } from './engine.ts'
import type { RunOptions } from './run-options.ts'
import { endServer, lastWords, startServer } from './server.ts'

/** `pyli image run`: one server of an image, to try it. Resolves when somebody asks us to end. */
export async function runImage({ image, port, notebooks }: RunOptions, { progress, stop }: Context): Promise<void> {
  const engine = await findEngine()
  const secrets = { token: randomBytes(24).toString('hex'), cookieSecret: randomBytes(32).toString('hex') }
  progress.doing(`starting ${image}`)
  const name = `pyli-jupyter-${port}`
  const place = notebooks.includes('/') ? resolve(notebooks) : notebooks
  const server = await startServer(engine, { image, name, port, notebooks: place }, secrets, stop)
  progress.say(greeting(server.url, secrets.token, place, name))
  const ended = server.container.wait().then(() => 'ended' as const)
  const asked = stop.aborted ? 'asked' : once(stop, 'abort').then(() => 'asked' as const)
  const why = await Promise.race([ended, asked])
  const words = why === 'ended' ? await lastWords(server.container) : ''
  await endServer(server)
  if (why === 'ended') throw new Trouble(`The server has ended. Its last words:\n${words}`)
}

const greeting = (url: string, token: string, notebooks: string, name: string): string =>
  [
    'One Jupyter server answers. Open',
    '',
    `${url.replace('127.0.0.1', 'localhost')}lab?token=${token}`,
    '',
    `Notebooks    ${notebooks.startsWith('/') ? notebooks : `the engine's volume ${notebooks}, which stays`}`,
    `Log          docker logs ${name}`,
    'Ctrl-C ends it, with its kernels.',
  ].join('\n')
