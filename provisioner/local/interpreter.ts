import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Trouble } from './trouble.ts'

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

/** Undefined for what does not run or is no Python. */
export async function probe(command: string): Promise<Interpreter | undefined> {
  try {
    return JSON.parse((await promisify(execFile)(command, ['-E', '-c', PROBE])).stdout) as Interpreter
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
