import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pack } from 'tar-fs'
import type { Machine } from '../../cluster/machine.ts'
import { debootstrapBase } from '../../image/base.ts'
import { follow } from '../../image/engine.ts'
import { DEBOOTSTRAP } from '../../image/options.ts'
import { Steps } from '../../image/steps.ts'
import type { RegistryOptions } from './registry.ts'

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'image', 'registry')

/** The same bytes for the same files, whoever has checked them out. */
const context = (): Readable =>
  Readable.from(
    pack(FOLDER, {
      entries: ['Dockerfile', 'config.yml'], // in this order, whatever the folder's own is
      map: (header) => ({ ...header, mtime: new Date(0), uid: 0, gid: 0, mode: 0o644 }),
    }),
  )

/** Named by what it is made of, so that it is built anew only where that has changed. */
export async function registryImageTag({ base }: RegistryOptions): Promise<string> {
  const hash = createHash('sha256').update(base)
  for await (const chunk of context()) hash.update(chunk as Buffer)
  return `pyli-registry:${hash.digest('hex').slice(0, 12)}`
}

export async function buildRegistryImage({ engine, progress, stop }: Machine, options: RegistryOptions): Promise<void> {
  const base = options.base === DEBOOTSTRAP ? await debootstrapBase(engine, progress, stop) : options.base
  const steps = new Steps(progress, Date.now)
  const events = await engine.buildImage(context(), {
    t: await registryImageTag(options),
    buildargs: { BASE: base },
    networkmode: 'host',
    rm: true,
    forcerm: true,
    abortSignal: stop,
  })
  await follow(events, (event) => steps.hear(event))
  steps.done()
}
