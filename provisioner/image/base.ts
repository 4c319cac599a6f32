import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { pack } from 'tar-fs'
import { ifThere } from '../host/engine-answers.ts'
import type { Progress } from '../local/progress.ts'
import { Trouble } from '../local/trouble.ts'
import { follow } from './engine.ts'

const REPOSITORY = 'pyli-debian'
const SUITE = 'trixie'
const EVERYBODYS: ReadonlySet<string> = new Set(['tmp', 'var/tmp'])
/** Devices, which the engine makes for each container; and what Debian's own slim image has not, either: apt's lists, most of all. */
const LEFT_OUT = /^\/(dev\/|usr\/share\/(doc|info|locale|man)\/.|var\/(lib\/apt\/lists|cache\/apt|log\/apt)\/.)/

const NAME = `${REPOSITORY}:${SUITE}`

/** Debian's smallest system, made where it is not there yet; resolves with the image's name. */
export async function debootstrapBase(engine: Docker, progress: Progress, signal: AbortSignal): Promise<string> {
  if ((await ifThere(engine.getImage(NAME).inspect())) === undefined)
    await makeDebootstrapBase(engine, progress, signal)
  return NAME
}

/** Makes it of the packages that Debian has today. Needs root. */
export async function makeDebootstrapBase(engine: Docker, progress: Progress, signal: AbortSignal): Promise<void> {
  progress.say(`Making ${NAME} of Debian's packages (about a minute)`)
  const folder = await mkdtemp(join(tmpdir(), 'pyli-debian-'))
  try {
    await debootstrap(folder, progress, signal)
    const system = pack(folder, {
      ignore: (path) => LEFT_OUT.test(path.slice(folder.length)),
      // Packing takes away what our umask would.
      map: (header) => (EVERYBODYS.has(header.name) ? { ...header, mode: 0o1777 } : header),
    })
    const answer = await engine.importImage(Readable.from(system), { repo: REPOSITORY, tag: SUITE })
    await follow(answer, () => {}) // the image is there when the answer has ended
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function debootstrap(folder: string, progress: Progress, signal: AbortSignal): Promise<void> {
  const child = spawn('debootstrap', ['--variant=minbase', SUITE, folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  })
  let last = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      last = String(chunk).trim().split('\n').at(-1) || last
      progress.doing(last)
    })
  }
  const code = await new Promise<number | string | null>((resolve) =>
    child.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message)).once('close', resolve),
  )
  if (code === 0) return
  if (code === 'ENOENT') throw new Trouble('debootstrap is not installed (on Debian: apt install debootstrap).')
  throw new Trouble(`debootstrap failed: ${last}. It needs root, and Debian's packages within reach.`)
}
