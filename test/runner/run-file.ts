import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Ms, minutes, seconds } from '../../gateway/config/units.ts'
import { carriersOf, signal } from '../../provisioner/local/processes.ts'
import { type Outcome, outcomesOfFile } from './outcomes.ts'
import type { TestRun } from './selection.ts'
import { TapReader } from './tap-tree.ts'

export interface FileReport {
  readonly run: TestRun
  readonly outcomes: readonly Outcome[]
  /** What it printed besides its results; of interest when it failed. */
  readonly words: readonly string[]
  readonly took: number
}

/** tap's own limit, for a file and each test in it; a test that needs longer says so with t.setTimeout(). */
const TEST_LIMIT = seconds(120)
/** For those that do not end even then. Images are built first, which depends on who sends the packages. */
const limitOf = ({ file }: TestRun): Ms => minutes(file.endsWith('.image.ts') ? 90 : 20)

/** A mark that all processes inherit which a test starts, and what a crashed test leaves is found by it. */
const MARK = 'PYLI_TEST_FILE'
let filesRun = 0

/** Runs one test file: a program that prints TAP. When this resolves, nothing that it started is left. */
export async function runFile(run: TestRun, limit: Ms = limitOf(run)): Promise<FileReport> {
  const { file, environment } = run
  const started = Date.now()
  const mark = `${process.pid}-${++filesRun}`
  const child = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment, TAP_TIMEOUT: String(TEST_LIMIT / 1000), [MARK]: mark },
  })
  const reader = new TapReader()
  const errors: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => reader.write(chunk))
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))

  const endAll = () =>
    signal(
      carriersOf((entry) => entry === `${MARK}=${mark}`),
      'SIGKILL',
    )
  let late = false
  const timer = setTimeout(() => {
    late = true
    endAll()
  }, limit)
  const [code, signalName] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  clearTimeout(timer)
  endAll() // also what holds our pipes open, which would keep us waiting for their end
  await Promise.all([child.stdout, child.stderr].map((pipe) => pipe.closed || once(pipe, 'close')))

  const problem = late ? `it did not end within ${limit / 60_000} min` : endingOf(code, signalName)
  return {
    run,
    outcomes: outcomesOfFile(reader.end(), problem),
    words: [...reader.words, ...Buffer.concat(errors).toString().trimEnd().split('\n')].filter((line) => line !== ''),
    took: Date.now() - started,
  }
}

const endingOf = (code: number | null, signalName: NodeJS.Signals | null): string | undefined =>
  code === 0 ? undefined : `it ended with ${signalName ?? `exit code ${code}`}`

/** At once, whatever runs. */
export function endAllFiles(): void {
  signal(
    carriersOf((entry) => entry.startsWith(`${MARK}=${process.pid}-`)),
    'SIGKILL',
  )
}
