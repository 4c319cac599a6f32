import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type Docker from 'dockerode'
import { type Ms, seconds } from '../../../gateway/config/units.ts'
import { DEBOOTSTRAP, type Ground, USUAL_BASE } from '../../../provisioner/image/recipe.ts'

/** Where Debian keeps authorities that a machine's owner has added. What this machine trusts its images must trust, to be built here. */
const ADDED = '/usr/local/share/ca-certificates'
const PULL_PATIENCE = seconds(60)

/** What images can be built of on this machine: the usual base, or Debian's packages where no registry is in reach. */
export async function groundHere(engine: Docker): Promise<Ground> {
  const files = readdirSync(ADDED, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.crt'))
  const authorities = await Promise.all(files.map((name) => readFile(join(ADDED, name), 'utf8')))
  return { base: (await canBegin(engine)) ? USUAL_BASE : DEBOOTSTRAP, authorities: authorities.join('\n') }
}

async function canBegin(engine: Docker): Promise<boolean> {
  const isThere = () =>
    engine
      .getImage(USUAL_BASE)
      .inspect()
      .then(() => true)
      .catch(() => false)
  if (await isThere()) return true
  const pulled = engine.pull(USUAL_BASE).then(
    async (stream: NodeJS.ReadableStream) => {
      for await (const _ of stream);
      return isThere()
    },
    () => false,
  )
  return Promise.race([pulled, sleep(PULL_PATIENCE, false, { ref: false })])
}

/** What earlier runs have left that were killed. */
export async function removeLeftovers(engine: Docker, prefix: string): Promise<void> {
  const containers = await engine.listContainers({ all: true, filters: { name: [prefix] } })
  for (const { Id } of containers) await engine.getContainer(Id).remove({ v: true, force: true })
  const { Volumes } = await engine.listVolumes({ filters: { name: [prefix] } })
  for (const { Name } of Volumes ?? []) await engine.getVolume(Name).remove()
}

export interface Ran {
  readonly code: number
  readonly output: string
}

/** Runs a program in a container, as its user. */
export async function runIn(container: Docker.Container, argv: readonly string[]): Promise<Ran> {
  const exec = await container.exec({ Cmd: [...argv], AttachStdout: true, AttachStderr: true, Tty: true })
  const stream = await exec.start({ Tty: true })
  let output = ''
  for await (const chunk of stream) output += chunk
  const { ExitCode } = await exec.inspect()
  return { code: ExitCode ?? -1, output: output.replaceAll('\r\n', '\n') }
}

/** Resolves with the exit code. */
export async function ended(container: Docker.Container, within: Ms): Promise<number> {
  const outcome = await Promise.race([container.wait(), sleep(within, undefined, { ref: false })])
  if (outcome === undefined) throw new Error(`the container did not end within ${within / 1000} s`)
  return (outcome as { StatusCode: number }).StatusCode
}

/** What the container's processes hold themselves, in bytes: without the pages of files, which would be given back. */
export async function ownMemory(container: Docker.Container): Promise<number> {
  const { memory_stats } = await container.stats({ stream: false })
  const { anon, rss, total_rss } = memory_stats.stats as unknown as Record<string, number | undefined>
  const bytes = anon ?? total_rss ?? rss
  if (bytes === undefined) throw new Error('the engine does not tell what memory is used')
  return bytes
}
