import { globSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { progressOn } from '../provisioner/local/progress.ts'
import { ensurePython } from '../provisioner/local/python.ts'
import { Trouble } from '../provisioner/local/trouble.ts'
import { fileLines, skipLines, summary, unsteadyLines } from './runner/report.ts'
import { endAllFiles, type FileReport, runFile } from './runner/run-file.ts'
import { onceMore, withSecondRuns } from './runner/second-run.ts'
import { filesOf, runsOf, type TestRun } from './runner/selection.ts'

// What `npm test` runs, after bootstrap.mjs has installed the packages: all test files or those named, two at a time,
// and some of them again in front of several gateway processes, or of two gateways.
// Each is a program that prints TAP, so one can also be run by itself: node test/pool/choose.test.ts

const help = `npm test [-- PATH …]      all tests, or those of the files and folders that are named

  npm test -- test/pool/choose.test.ts      one file
  npm test -- test/pool test/jupyter        folders

Files with real servers run again with several processes, and with two gateways, where that makes another test of them.
One file by itself, as TAP: node test/pool/choose.test.ts
`

const ROOT = join(import.meta.dirname, '..')
/** Whole tests run a cluster each, with a browser; more at once and they would measure each other. */
const AT_ONCE = 2
const INTERRUPTED = 130

process.on('exit', endAllFiles)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const) {
  process.on(signal, () => process.exit(INTERRUPTED))
}
process.channel?.unref()
// The user's settings for a gateway are not those that the tests expect.
for (const name of Object.keys(process.env)) if (name.startsWith('PYLI_')) delete process.env[name]

if (process.argv.includes('--help')) {
  process.stdout.write(help)
  process.exit()
}
const given = process.argv.slice(2).map((file) => relative(ROOT, resolve(file)))
process.chdir(ROOT)

const kindOf = (path: string) => {
  const found = statSync(path, { throwIfNoEntry: false })
  return found && (found.isDirectory() ? 'folder' : 'file')
}

async function runAll(runs: readonly TestRun[], atOnce: number): Promise<FileReport[]> {
  const waiting = [...runs]
  const reports: FileReport[] = []
  async function lane(): Promise<void> {
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
      const report = await runFile(run)
      reports.push(report)
      console.log(fileLines(report, given.length > 0).join('\n'))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return reports
}

try {
  const { files, mistakes } = filesOf(given, { kindOf, tests: globSync('test/**/*.test.ts').sort() })
  if (mistakes.length > 0) throw new Trouble(mistakes.join('\n'))
  await ensurePython({ stateDir: join(ROOT, '.pyli'), progress: progressOn(process.stdout) })
  const first = await runAll(files.flatMap(runsOf), AT_ONCE)
  const again = onceMore(first)
  if (again.length > 0) console.log('\nOnce more, one after the other:')
  const { reports, unsteady } = withSecondRuns(first, await runAll(again, 1))
  const outcomes = reports.flatMap((report) => report.outcomes)
  const ran = outcomes.some(({ kind }) => kind === 'passed')
  const failed = outcomes.some(({ kind }) => kind === 'failed')
  console.log(['', ...skipLines(reports), ...unsteadyLines(unsteady), summary(outcomes)].join('\n'))
  process.exitCode = ran && !failed ? 0 : 1
} catch (error) {
  console.error(error instanceof Trouble ? error.message : error)
  process.exitCode = 1
}
