import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type Docker from 'dockerode'
import { pack } from 'tar-fs'
import { ms, seconds } from '../../gateway/config/units.ts'
import { unframed } from '../host/engine-answers.ts'
import { Trouble } from '../local/trouble.ts'
import { containerOf, SECRETS, type ServerPlan } from './container.ts'

export interface ServerSecrets {
  readonly token: string
  readonly cookieSecret: string
}

export interface RunningServer {
  readonly container: Docker.Container
  /** With the base URL and a slash at the end, and without the token. */
  readonly url: string
}

const LOOK_EVERY = ms(200)
const START_TIMEOUT = seconds(120)
const END_PATIENCE = seconds(10)

/** Resolves once it answers. Throws Trouble with its last words where it does not; then nothing is left of it. */
export async function startServer(
  engine: Docker,
  plan: ServerPlan,
  secrets: ServerSecrets,
  stop?: AbortSignal,
): Promise<RunningServer> {
  const container = await create(engine, plan)
  try {
    const files = { 'jupyter-token': secrets.token, 'jupyter-cookie-secret': secrets.cookieSecret }
    await container.putArchive(filesOf(files), { path: SECRETS })
    await start(container, plan)
    const url = `http://127.0.0.1:${await portOf(container)}${plan.environment?.PYLI_BASE_URL ?? '/'}`
    await answers(container, url, stop)
    return { container, url }
  } catch (error) {
    await container.remove({ v: true, force: true })
    throw error
  }
}

/** Without waiting for who uses it: the second SIGTERM says so. Its kernels are ended as in any other end of a Jupyter server. */
export async function endServer({ container }: RunningServer): Promise<void> {
  const ended = container.wait()
  for (const again of [true, false]) {
    await container.kill({ signal: 'SIGTERM' }).catch(() => {}) // it may have ended meanwhile
    if (again) await sleep(LOOK_EVERY)
  }
  await Promise.race([ended, sleep(END_PATIENCE, undefined, { ref: false })])
  await container.remove({ v: true, force: true })
}

/** The end of what it has written to its log. */
export async function lastWords(container: Docker.Container, lines = 10): Promise<string> {
  const log = await container.logs({ stdout: true, stderr: true, tail: lines })
  return unframed(log).trimEnd()
}

async function create(engine: Docker, plan: ServerPlan): Promise<Docker.Container> {
  try {
    return await engine.createContainer(containerOf(plan))
  } catch (error) {
    const { statusCode, message } = error as { statusCode?: number; message: string }
    if (statusCode === 404) throw new Trouble(`There is no image ${plan.image}: \`pyli image build\` makes one.`)
    if (statusCode === 409)
      throw new Trouble(`A container ${plan.name} is there already: \`docker rm -f ${plan.name}\` ends it.`)
    throw new Trouble(`The container could not be made: ${message}`)
  }
}

async function start(container: Docker.Container, { port }: ServerPlan): Promise<void> {
  try {
    await container.start()
  } catch (error) {
    const { message } = error as Error
    if (/already allocated|address already in use/.test(message))
      throw new Trouble(`Port ${port} is taken: name another one with --port.`)
    throw new Trouble(`The container could not be started: ${message}`)
  }
}

async function portOf(container: Docker.Container): Promise<string> {
  const { NetworkSettings } = await container.inspect()
  const port = NetworkSettings.Ports['8888/tcp']?.[0]?.HostPort
  if (port === undefined) throw new Trouble(`The container ended as it started:\n${await lastWords(container)}`)
  return port
}

async function answers(container: Docker.Container, url: string, stop?: AbortSignal): Promise<void> {
  for (const deadline = Date.now() + START_TIMEOUT; Date.now() < deadline; await sleep(LOOK_EVERY)) {
    stop?.throwIfAborted()
    const { State } = await container.inspect()
    if (!State.Running)
      throw new Trouble(`The server ended as it started (${State.ExitCode}):\n${await lastWords(container)}`)
    const answer = await fetch(`${url}api`, { signal: AbortSignal.timeout(seconds(2)) }).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.ok) return
  }
  throw new Trouble(`The server does not answer after ${START_TIMEOUT / 1000} s:\n${await lastWords(container)}`)
}

/** Files by their names, as a tar, for their user alone. They are on no disk but that of the engine's volume. */
export function filesOf(texts: Readonly<Record<string, string>>): NodeJS.ReadableStream {
  const tar = pack(import.meta.dirname, {
    entries: [],
    finalize: false,
    finish(tar) {
      for (const [name, text] of Object.entries(texts)) tar.entry({ name, uid: 1000, gid: 100, mode: 0o400 }, text)
      tar.finalize()
    },
  })
  return Readable.from(tar)
}
