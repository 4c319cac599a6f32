import type { Readable } from 'node:stream'
import Docker from 'dockerode'
import { Trouble } from '../local/trouble.ts'
import type { BuildEvent } from './steps.ts'

/** The engine that DOCKER_HOST names, or this machine's. Throws Trouble where none answers. */
export async function findEngine(): Promise<Docker> {
  const engine = new Docker()
  try {
    await engine.ping()
    return engine
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? (error as Error).message
    throw new Trouble(
      `No Docker engine answers (${why}): start it (on Debian: apt install docker.io), or name another one in DOCKER_HOST.`,
    )
  }
}

/** Hands on each of the engine's events. Rejects with what `hear` throws, or where the connection is lost. */
export async function follow(events: NodeJS.ReadableStream, hear: (event: BuildEvent) => void): Promise<void> {
  let partial = ''
  for await (const chunk of events as Readable) {
    const lines = (partial + chunk.toString('utf8')).split('\n')
    partial = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') hear(JSON.parse(line) as BuildEvent)
  }
}
