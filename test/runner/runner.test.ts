import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ms } from '../../gateway/config/units.ts'
import { ownedBy } from '../../provisioner/local/processes.ts'
import { fileLines, summary } from './report.ts'
import { runFile } from './run-file.ts'
import { filesOf, runsOf } from './selection.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const TAP = JSON.stringify(import.meta.resolve('tap'))

async function file(t: Test, body: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pyli-test-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'sample.test.ts')
  await writeFile(path, `import t from ${TAP}\n${body}`)
  return path
}

async function run(t: Test, body: string, limit = ms(20_000), environment = {}) {
  return runFile({ file: await file(t, body), name: 'sample', environment }, limit)
}

for (const [what, body, expected] of [
  [
    'tests that hold no other tests are counted, whatever they assert',
    `t.test('a', async (t) => { t.pass('1'); t.pass('2') })
     t.test('b', async (t) => { await t.test('c', async (t) => t.pass('3')); await t.test('d', async () => {}) })`,
    '3 passed, 0 failed',
  ],
  ['a file without tests is one', `t.equal(1, 1)`, '1 passed, 0 failed'],
  [
    'a failed test is one failure, however often it failed',
    `t.test('a', async (t) => { t.equal(1, 2); t.equal(1, 3) })
     t.test('b', async () => { throw new Error('oops') })`,
    '0 passed, 2 failed',
  ],
  [
    'skipped tests',
    `t.test('a', { skip: 'no browser' }, async () => {})
     t.test('b', async (t) => { t.skip('no browser') })
     t.test('c', async (t) => { t.plan(0, 'no browser') })`,
    '0 passed, 0 failed, 3 skipped',
  ],
  ['a skipped file', `t.plan(0, 'no browser')`, '0 passed, 0 failed, 1 skipped'],
  ['a failed assertion beside tests', `t.test('a', async () => {}); t.equal(1, 2)`, '1 passed, 1 failed'],
  ['a file that cannot be read', `import './nowhere.ts'\nt.pass('1')`, '0 passed, 1 failed'],
  ['a file that says nothing', `process.exit(0)`, '0 passed, 1 failed'],
  [
    'a file that dies',
    `t.test('a', async () => {})
     t.test('b', async () => { setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50); await new Promise((r) => setTimeout(r, 9000)) })`,
    '1 passed, 1 failed',
  ],
  [
    'a test that hangs',
    `t.setTimeout(1000)
     t.test('a', async () => {})
     t.test('b', async () => { await new Promise((r) => setTimeout(r, 60_000)) })`,
    '1 passed, 1 failed',
  ],
] as const) {
  t.test(what, async (t) => {
    t.equal(summary((await run(t, body)).outcomes), expected)
  })
}

t.test('a file that does not end is ended, with all that it started', async (t) => {
  const spawning = `import { spawn } from 'node:child_process'
    spawn('sleep', ['60'], { detached: true, stdio: 'inherit', env: { ...process.env, PYLI_OWNER: '/runner#x' } })
    while (true) {}`
  const report = await run(t, spawning, ms(2000))
  t.match(report.outcomes, [{ kind: 'failed', title: [], details: [/^it did not end within/] }])
  t.strictSame(ownedBy('/runner'), [])
})

t.test('a failure is shown with its difference and its place', async (t) => {
  const report = await run(t, `t.test('compares', async (t) => { t.same({ a: 1 }, { a: 2 }) })\nconsole.error('so')`)
  const text = fileLines(report, false).join('\n')
  t.match(text, /compares\n\s+should be equivalent/)
  t.match(text, /-\s+"a": 2/)
  t.match(text, /sample\.test\.ts:2:/)
  t.match(text, /and it printed\n\s+so/)
})

t.test('a failure whose error holds itself is shown like any other', async (t) => {
  const body = `t.test('a', async () => { const late = new Error('late'); throw Object.assign(late, { its: [late] }) })`
  const { outcomes } = await run(t, body)
  t.match(outcomes, [{ kind: 'failed', details: [/late/] }])
  t.ok(outcomes.some(({ details }) => details.some((line) => /^its: .*Circular/s.test(line))))
})

t.test('the last line is the count, skips have told their reason before, and the exit code agrees', async (t) => {
  const main = (path: string) => {
    const { stdout, status } = spawnSync(process.execPath, [join(ROOT, 'test', 'run.ts'), path], { encoding: 'utf8' })
    return { lines: stdout.trimEnd().split('\n'), status }
  }
  const skips = main(await file(t, `t.test('a', async () => {}); t.test('b', { skip: 'no browser' }, async () => {})`))
  t.match(skips.lines.at(-2), /^skipped: .*sample\.test\.ts › b: no browser$/)
  t.equal(skips.lines.at(-1), '1 passed, 0 failed, 1 skipped')
  t.equal(skips.status, 0)

  t.equal(main(await file(t, `t.equal(1, 2)`)).status, 1)
  t.equal(main(await file(t, `t.plan(0, 'no browser')`)).status, 1, 'if nothing ran, nothing is known')
})

t.test('a run has its own environment and its own name', async (t) => {
  const body = `t.equal(process.env.PYLI_TEST_WORKERS, '3')`
  const report = await run(t, body, ms(20_000), { PYLI_TEST_WORKERS: '3' })
  t.equal(summary(report.outcomes), '1 passed, 0 failed')
  t.match(
    fileLines({ ...report, run: { ...report.run, name: 'a.test.ts (3 workers)' } }, false)[0],
    ' a.test.ts (3 workers)  1 passed',
  )
})

t.test(
  'what the gateway remembers and locks is tested again with several processes, and with two gateways',
  async (t) => {
    t.strictSame(runsOf('test/whole/lists.test.ts'), [
      { file: 'test/whole/lists.test.ts', name: 'test/whole/lists.test.ts', environment: {} },
      {
        file: 'test/whole/lists.test.ts',
        name: 'test/whole/lists.test.ts (3 workers)',
        environment: { PYLI_TEST_WORKERS: '3' },
      },
      {
        file: 'test/whole/lists.test.ts',
        name: 'test/whole/lists.test.ts (2 gateways)',
        environment: { PYLI_TEST_GATEWAYS: '2' },
      },
    ])
    t.equal(runsOf('test/pool/choose.test.ts').length, 1)
    const tests = globSync('test/**/*.test.ts', { cwd: ROOT })
    const withRuns = (least: number) => tests.filter((test) => runsOf(test).length >= least).length
    t.strictSame([withRuns(2), withRuns(3)], [12, 9], 'all that are named so are there')
  },
)

t.test('files, folders and nothing name tests; what is not there is told in a sentence', async (t) => {
  const tests = ['test/pool/choose.test.ts', 'test/pool/lease.test.ts', 'test/shape.test.ts']
  const kindOf = (path: string) =>
    tests.includes(path) ? 'file' : ['test', 'test/pool', 'test/fakes'].includes(path) ? 'folder' : undefined
  const of = (...named: string[]) => filesOf(named, { kindOf, tests })
  t.strictSame(of(), { files: tests, mistakes: [] })
  t.strictSame(of('test/pool', 'test/pool/lease.test.ts').files, tests.slice(0, 2))
  t.strictSame(of('test/pool/never-written-qq.test.ts').mistakes, ['There is no test/pool/never-written-qq.test.ts.'])
  t.strictSame(of('test/pol/chose.test.ts').mistakes, [
    'There is no test/pol/chose.test.ts; did you mean test/pool/choose.test.ts?',
  ])
  t.strictSame(of('test/fakes').mistakes, ['There are no tests in test/fakes.'])
})

t.test('--help tells how tests are named, and runs none', async (t) => {
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'test', 'run.ts'), '--help'], { encoding: 'utf8' })
  t.equal(status, 0)
  t.match(stdout, /^npm test \[-- PATH …\] .*\n\n {2}npm test -- test\/pool\/choose\.test\.ts/)
  t.notMatch(stdout, /passed/)
})

t.test('a test that is not there is one sentence and no stack', async (t) => {
  const run = spawnSync(process.execPath, [join(ROOT, 'test', 'run.ts'), 'test/pool/never-written-qq.test.ts'], {
    cwd: ROOT,
  })
  t.equal(run.status, 1)
  t.equal(`${run.stdout}${run.stderr}`, 'There is no test/pool/never-written-qq.test.ts.\n')
})
