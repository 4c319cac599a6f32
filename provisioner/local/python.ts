import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { seconds } from '../../gateway/config/units.ts'
import { type Holder, isLock, type Lock, takeLock } from './lock.ts'
import { endOwned, OWNER, ownerOf } from './processes.ts'
import type { Progress } from './progress.ts'
import { Trouble } from './trouble.ts'

const run = promisify(execFile)
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')

/** The oldest Python that ipykernel 7 runs on. */
const OLDEST = [3, 11] as const
const CANDIDATES = ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11', '/usr/bin/python3']

/** Debian ships `venv` without `ensurepip`, which comes with python3-venv: asking for venv alone would say yes. */
const PROBE = `
import sys, json, importlib.util as find
print(json.dumps({"version": list(sys.version_info[:3]), "path": sys.executable,
                  "venv": all(find.find_spec(name) for name in ("venv", "ensurepip"))}))`

export interface Interpreter {
  readonly version: readonly number[]
  readonly path: string
  readonly venv: boolean
}

export interface PythonOptions {
  readonly stateDir: string
  /** An interpreter instead of the one found on PATH. */
  readonly wanted?: string | undefined
  readonly progress: Progress
  readonly signal?: AbortSignal | undefined
  readonly requirements?: string
}

/**
 * Makes the private environment with JupyterLab, once, and resolves with its interpreter. The stamp is written last, so
 * an environment without the right one is half made or made of something else, and is made again from the start.
 */
export async function ensurePython(options: PythonOptions): Promise<string> {
  const { stateDir, wanted, requirements = REQUIREMENTS } = options
  const folder = join(stateDir, 'python')
  const python = join(folder, 'bin', 'python')
  const base = await findPython(wanted)
  const stamp = stampOf(await readFile(requirements, 'utf8'), base)
  if (await isReady(python, stamp, folder)) return python

  const lock = await waitForLock(join(stateDir, 'run', 'python.json'), options)
  try {
    if (await isReady(python, stamp, folder)) return python // made by the one we waited for
    await endOwned(installationIn(stateDir), undefined, seconds(3)) // a pip whose parent was killed
    await build({ ...options, requirements }, base, folder, python)
    await writeStamp(folder, stamp)
  } finally {
    await lock.release()
  }
  return python
}

/** An owner of its own: `npm test` may install while what `npm start` owns is ended, and the other way round. */
const installationIn = (stateDir: string): string => join(stateDir, 'python')

export async function findPython(wanted?: string): Promise<Interpreter> {
  const found = await firstUsable(wanted === undefined ? CANDIDATES : [wanted])
  if (found.usable !== undefined) return found.usable
  throw new Trouble(whyNone(found.refused, wanted))
}

async function firstUsable(commands: readonly string[]): Promise<{ usable?: Interpreter; refused: Interpreter[] }> {
  const refused: Interpreter[] = []
  for (const command of commands) {
    const interpreter = await probe(command)
    if (interpreter === undefined) continue
    if (isNewEnough(interpreter) && interpreter.venv) return { usable: interpreter, refused }
    refused.push(interpreter)
  }
  return { refused }
}

async function probe(command: string): Promise<Interpreter | undefined> {
  try {
    return JSON.parse((await run(command, ['-E', '-c', PROBE])).stdout) as Interpreter
  } catch {
    return undefined
  }
}

export const isNewEnough = ({ version: [major = 0, minor = 0] }: Pick<Interpreter, 'version'>): boolean =>
  major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])

export function whyNone(refused: readonly Interpreter[], wanted?: string): string {
  const oldest = OLDEST.join('.')
  const lacksVenv = refused.find(isNewEnough)
  if (lacksVenv !== undefined) {
    return `${lacksVenv.path} has no venv module: install it (on Debian and Ubuntu: apt install python3-venv).`
  }
  const [tooOld] = refused
  if (tooOld !== undefined) {
    return `${tooOld.path} is Python ${tooOld.version.join('.')}, but JupyterLab needs ${oldest} or newer: install one, or name it with --python PATH.`
  }
  if (wanted !== undefined)
    return `${wanted} is not a Python that runs: name one that is ${oldest} or newer with --python PATH.`
  return `Python ${oldest} or newer was not found: install it (on Debian and Ubuntu: apt install python3 python3-venv), or name it with --python PATH.`
}

/** The path is part of it: an environment points back to the Python it was made from. */
const stampOf = (requirements: string, { path, version }: Interpreter): string =>
  createHash('sha256')
    .update(JSON.stringify([requirements, path, version]))
    .digest('hex')

const stampFile = (folder: string): string => join(folder, 'pyli-stamp')

async function isReady(python: string, stamp: string, folder: string): Promise<boolean> {
  const written = await readFile(stampFile(folder), 'utf8').catch(() => '')
  return written === stamp && (await probe(python)) !== undefined
}

async function writeStamp(folder: string, stamp: string): Promise<void> {
  await writeFile(`${stampFile(folder)}.new`, stamp)
  await rename(`${stampFile(folder)}.new`, stampFile(folder))
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
