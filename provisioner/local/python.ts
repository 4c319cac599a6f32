import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { seconds } from '../../gateway/config/units.ts'
import { findPython, type Interpreter, probe } from './interpreter.ts'
import { type Holder, isLock, type Lock, takeLock } from './lock.ts'
import { endOwned, OWNER, ownerOf } from './processes.ts'
import type { Progress } from './progress.ts'
import { Trouble } from './trouble.ts'

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')

export interface PythonOptions {
  readonly stateDir: string
  /** An interpreter instead of the one found on PATH. */
  readonly wanted?: string | undefined
  readonly progress: Progress
  readonly signal?: AbortSignal | undefined
  readonly requirements?: string
}

/**
 * Makes the private environment with JupyterLab, once, and resolves with its interpreter. One that is whole is kept,
 * whichever Python is first on PATH today: another terminal may have another one.
 */
export async function ensurePython(options: PythonOptions): Promise<string> {
  const { stateDir, wanted, requirements = REQUIREMENTS } = options
  const folder = join(stateDir, 'python')
  const python = join(folder, 'bin', 'python')
  const packages = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
  const chosen = wanted === undefined ? undefined : await findPython(wanted)
  const isReady = () => isWhole(folder, python, packages, chosen)
  if (await isReady()) return python

  const base = chosen ?? (await findPython())
  const lock = await waitForLock(join(stateDir, 'run', 'python.json'), options)
  try {
    if (await isReady()) return python // made by the one we waited for
    await endOwned(installationIn(stateDir), undefined, seconds(3)) // a pip whose parent was killed
    await build({ ...options, requirements }, base, folder, python)
    await writeStamp(folder, { packages, path: base.path, version: base.version })
  } finally {
    await lock.release()
  }
  return python
}

/** An owner of its own: `npm test` may install while what `npm start` owns is ended, and the other way round. */
const installationIn = (stateDir: string): string => join(stateDir, 'python')

/** Written last: an environment without it is half made, and is made again from the start. */
interface Stamp extends Pick<Interpreter, 'path' | 'version'> {
  /** A hash of the requirements. */
  readonly packages: string
}

const stampFile = (folder: string): string => join(folder, 'pyli-stamp.json')

async function writeStamp(folder: string, stamp: Stamp): Promise<void> {
  await writeFile(`${stampFile(folder)}.new`, JSON.stringify(stamp))
  await rename(`${stampFile(folder)}.new`, stampFile(folder))
}

/** A newer Python may have taken the place of the one that it points to: then its packages are not found any more. */
async function isWhole(folder: string, python: string, packages: string, chosen?: Interpreter): Promise<boolean> {
  try {
    const stamp = JSON.parse(await readFile(stampFile(folder), 'utf8')) as Stamp
    if (stamp.packages !== packages || (chosen !== undefined && stamp.path !== chosen.path)) return false
    return (await probe(python))?.version.join() === stamp.version.join()
  } catch {
    return false
  }
}

/** `npm start` and `npm test` may want the environment at the same moment; the second one waits for the first. */
async function waitForLock(path: string, { progress, signal }: PythonOptions): Promise<Lock> {
  for (;;) {
    const taken: Lock | Holder = await takeLock(path)
    if (isLock(taken)) return taken
    progress.doing(`waiting for process ${taken.pid}, which makes the Python environment`)
    await sleep(500, undefined, { signal })
  }
}

async function build(
  { stateDir, progress, requirements, signal }: PythonOptions & { requirements: string },
  base: Interpreter,
  folder: string,
  python: string,
): Promise<void> {
  progress.say(`Making a private Python environment with JupyterLab (once, about a minute) from ${base.path}`)
  await mkdir(stateDir, { recursive: true })
  // Jupyter brings CommonJS files that Node would take for ES modules, as our own package.json further up says.
  await writeFile(join(stateDir, 'package.json'), '{ "type": "commonjs" }\n')
  const logged = { stateDir, progress, signal }
  await tool(base.path, ['-E', '-m', 'venv', '--clear', folder], logged)
  const pip = ['-E', '-m', 'pip', '--disable-pip-version-check', '--no-input']
  await tool(python, [...pip, 'install', '--progress-bar=off', '--requirement', requirements], logged)
}

/** Runs one of Python's tools, its words as our progress. All that it said is kept for the case that it fails. */
async function tool(
  command: string,
  args: readonly string[],
  { stateDir, progress, signal }: Pick<PythonOptions, 'stateDir' | 'progress' | 'signal'>,
): Promise<void> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, [OWNER]: ownerOf(installationIn(stateDir), 'install') },
    signal,
  })
  const said: string[] = []
  const listen = (line: string) => {
    said.push(line)
    const words = inOneLine(line)
    if (words !== undefined) progress.doing(words)
  }
  createInterface(child.stdout).on('line', listen)
  createInterface(child.stderr).on('line', listen)

  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  if (code === 0) return
  const why = said.filter((line) => /^(ERROR|Error)/.test(line)).at(-1) ?? said.at(-1) ?? `it ended with ${code}`
  throw new Trouble(
    `The Python environment could not be made: ${why.trim()}\nIs the internet within reach? Start again to try again; it starts afresh.`,
  )
}

/** pip's lines that tell a person something: `Downloading tornado-6.6.1-cp39….whl (447 kB)` → `downloading tornado`. */
export function inOneLine(line: string): string | undefined {
  if (line.startsWith('Installing collected packages')) return 'installing the packages'
  const [, verb, name] =
    /^\s*(Collecting|Downloading|Using cached) ([A-Za-z0-9._]+(?:-[A-Za-z][A-Za-z0-9._]*)*)/.exec(line) ?? []
  if (verb === undefined || name === undefined) return undefined
  return `${verb.toLowerCase()} ${name}`
}
