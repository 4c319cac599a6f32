import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Test } from 'tap'

/** One test of pytest's, by the file that it is in. */
export interface PythonTest {
  readonly file: string
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** Why it was skipped, or what went wrong in one line. */
  readonly reason: string
}

/** A line that pytest-reportlog writes; a test has one each for its set-up, its call and its teardown. */
interface Report {
  readonly $report_type: string
  readonly nodeid: string
  readonly outcome: PythonTest['outcome']
  readonly longrepr: null | string | [file: string, line: number, reason: string] | { reprcrash?: { message: string } }
}

/**
 * Runs a folder's tests. What pytest prints goes to our standard error.
 * Rejects if pytest could not run them: then it found nothing, or broke off.
 */
export async function pytest(
  python: string,
  folder: string,
  env: Readonly<Record<string, string>>,
  log: string,
): Promise<PythonTest[]> {
  await rm(log, { force: true })
  const child = spawn(
    python,
    ['-m', 'pytest', '--quiet', '--tb=short', '-p', 'no:cacheprovider', `--report-log=${log}`],
    {
      cwd: folder,
      stdio: ['ignore', 2, 2],
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env },
    },
  )
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0 && code !== SOME_FAILED) throw new Error(`pytest ended with ${code}`)
  return testsOf(await readFile(log, 'utf8'))
}

const SOME_FAILED = 1

export function testsOf(log: string): PythonTest[] {
  const tests = new Map<string, PythonTest>()
  for (const line of log.trimEnd().split('\n')) {
    const report = JSON.parse(line) as Report
    if (report.$report_type !== 'TestReport') continue
    const before = tests.get(report.nodeid)
    if (before !== undefined && report.outcome === 'passed') continue // its teardown, or the call after the set-up
    const [file = '', ...name] = report.nodeid.split('::')
    tests.set(report.nodeid, { file, name: name.join(' › '), outcome: report.outcome, reason: reasonOf(report) })
  }
  return [...tests.values()]
}

function reasonOf({ longrepr }: Report): string {
  if (longrepr === null) return ''
  if (typeof longrepr === 'string') return longrepr
  if (Array.isArray(longrepr)) return longrepr[2].replace(/^Skipped: /, '')
  return longrepr.reprcrash?.message ?? 'failed'
}

/** Each of them as one of ours. */
export function tellEach(t: Test, tests: readonly PythonTest[]): void {
  for (const [file, inFile] of Map.groupBy(tests, (test) => test.file)) {
    t.test(file, async (t) => {
      for (const test of inFile) tell(t, test)
    })
  }
}

function tell(t: Test, { name, outcome, reason }: PythonTest): void {
  if (outcome === 'skipped') t.test(name, { skip: reason }, async () => {})
  else t.test(name, async (t) => void (outcome === 'passed' ? t.pass() : t.fail(reason)))
}

/** Installs our package as it is now, as users install it. Its dependencies are there. */
export async function installPackage(python: string, folder: string): Promise<void> {
  const offline = ['--no-index', '--no-deps', '--no-build-isolation', '--force-reinstall']
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-input']
  await promisify(execFile)(python, ['-E', '-m', 'pip', ...quiet, 'install', ...offline, folder])
}

/** Makes `node_modules` of the installed package: once, for it stays when the package is installed anew. */
export async function installNodeModules(python: string): Promise<void> {
  await promisify(execFile)(python, ['-m', 'pyli_kernels', 'install', 'javascript'])
}
