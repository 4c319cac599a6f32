import { basename } from 'node:path'
import { nearest } from '../../gateway/config/nearest.ts'

/** One run of a test file: as it is, or with something in its environment that makes another test of it. */
export interface TestRun {
  readonly file: string
  /** As it is shown. */
  readonly name: string
  readonly environment: Readonly<Record<string, string>>
}

/**
 * What may go wrong only where several processes serve as one: all that a gateway remembers, locks and lists. Whole tests
 * of what each process does by itself (waiting, base-url, flood) would tell nothing new.
 */
const withWorkers: ReadonlySet<string> = new Set(
  [
    ...['sessions', 'attach', 'terminals', 'lists', 'replay', 'events', 'tls'],
    ...['restart', 'gone', 'lab', 'lab-restart', 'page'],
  ].map((name) => `test/whole/${name}.test.ts`),
)
const WORKERS = '3'

/**
 * The same with two gateways, which share nothing but the servers. Not replay: who vanishes without a word and comes back
 * through the other one is for five seconds two clients to Jupyter, and may miss what is printed then. Nor tls and page:
 * certificate and operators' listener are each gateway's own.
 */
const withGateways: ReadonlySet<string> = new Set(
  [...['sessions', 'attach', 'terminals', 'lists', 'events'], ...['restart', 'gone', 'lab', 'lab-restart']].map(
    (name) => `test/whole/${name}.test.ts`,
  ),
)
const GATEWAYS = '2'

export function runsOf(file: string): TestRun[] {
  const once = { file, name: file, environment: {} }
  const workers = { file, name: `${file} (${WORKERS} workers)`, environment: { PYLI_TEST_WORKERS: WORKERS } }
  const gateways = { file, name: `${file} (${GATEWAYS} gateways)`, environment: { PYLI_TEST_GATEWAYS: GATEWAYS } }
  return [once, ...(withWorkers.has(file) ? [workers] : []), ...(withGateways.has(file) ? [gateways] : [])]
}

export interface Disk {
  readonly kindOf: (path: string) => 'file' | 'folder' | undefined
  /** All tests, as paths from the root. */
  readonly tests: readonly string[]
}

/** The files that are meant by what was named: files and folders, or all of them by nothing. */
export function filesOf(named: readonly string[], { kindOf, tests }: Disk): { files: string[]; mistakes: string[] } {
  const files = new Set<string>()
  const mistakes: string[] = []
  for (const path of named.length > 0 ? named : ['test']) {
    const kind = kindOf(path)
    const meant = kind === 'folder' ? tests.filter((test) => test.startsWith(`${path}/`)) : [path]
    if (kind === undefined) mistakes.push(`There is no ${path}${guess(path, tests)}`)
    else if (meant.length === 0) mistakes.push(`There are no tests in ${path}.`)
    else for (const file of meant) files.add(file)
  }
  return { files: [...files], mistakes }
}

/** One whose own name is almost that, in whatever folder. */
function guess(path: string, tests: readonly string[]): string {
  const nameOf = (test: string) => basename(test).replace(/(\.test)?\.ts$/, '')
  const meant = nearest(nameOf(path), tests.map(nameOf))
  const test = tests.find((each) => nameOf(each) === meant)
  return test === undefined ? '.' : `; did you mean ${test}?`
}
