import { dirname, relative } from 'node:path'
import { type Ms, seconds } from '../../gateway/config/units.ts'
import type { Files } from '../host/files.ts'
import type { Argv, Ran, Run, RunOptions } from '../host/run.ts'
import { Trouble } from '../local/trouble.ts'
import { CLUSTER, MOUNT } from './storage.ts'

// What is asked of the volume, which may hang for ever: always by another process, which is left behind then. A thread of
// ours that hangs in it could neither be left nor ended, and would keep this process from ending.

/** The stall that a lost machine causes (up to 16 s) is not yet an end. */
export const PATIENCE: Ms = seconds(25)

/** Undefined where it took too long. */
export async function ask(run: Run, argv: Argv, options: RunOptions = {}): Promise<Ran | undefined> {
  try {
    return await run(argv, { ...options, limit: PATIENCE })
  } catch (error) {
    if (error instanceof Trouble) return undefined
    throw error
  }
}

/** Of what a program said as it failed, the reason: what stands behind its own name and that of the file. */
export const lastWords = ({ stderr }: Ran): string =>
  stderr.trim().split('\n').at(-1)?.split(': ').at(-1) || 'it failed'

interface Question extends RunOptions {
  /** The file or folder that it is about. */
  readonly path: string
}

/** What a program printed; undefined where there is no such file. Throws Trouble where the volume is silent, or refuses. */
async function asked(run: Run, { path, ...options }: Question, ...argv: Argv): Promise<string | undefined> {
  const answer = await ask(run, argv, options)
  if (answer === undefined)
    throw new Trouble(`${MOUNT} does not answer: \`pyli status\` tells which machines are away. Then run this again.`)
  if (answer.code === 0) return answer.stdout
  const why = lastWords(answer)
  if (why === 'No such file or directory') return undefined
  throw new Trouble(`${path}: ${why}. \`pyli status\` tells how the volume is.`)
}

/** Files of a folder that only root may look into, and that is there already: where it is not, nothing is written. */
export const filesOnVolume = (run: Run, folder = CLUSTER): Files => ({
  read: (path) => asked(run, { path }, 'cat', path),
  async write(path, content, mode) {
    const draft = `${path}.${process.pid}`
    const done = [
      // From within it, or a volume that has just gone would be written beside.
      await asked(run, { path }, 'env', `--chdir=${folder}`, 'mkdir', '-p', relative(folder, dirname(path))),
      await asked(run, { path, input: content }, 'dd', 'conv=fsync', 'status=none', `of=${draft}`),
      await asked(run, { path }, 'chmod', mode.toString(8), draft),
      await asked(run, { path }, 'mv', '-T', draft, path),
    ]
    if (done.includes(undefined)) throw new Trouble(`${folder} is not there: is the volume mounted? Run this again.`)
  },
})

/** What is in a folder, by its path from there, as deep as is asked. None where there is no such folder. */
export async function namesOnVolume(run: Run, folder: string, depth = 1): Promise<string[]> {
  const levels = ['-mindepth', '1', '-maxdepth', String(depth)]
  const names = await asked(run, { path: folder }, 'find', folder, ...levels, '-printf', '%P\\n')
  return names?.split('\n').filter(Boolean) ?? []
}
