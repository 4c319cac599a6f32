import t from 'tap'
import type { Outcome } from './outcomes.ts'
import { unsteadyLines } from './report.ts'
import type { FileReport } from './run-file.ts'
import { onceMore, withSecondRuns } from './second-run.ts'

const report = (file: string, ...kinds: Outcome['kind'][]): FileReport => ({
  run: { file, name: file, environment: {} },
  outcomes: kinds.map((kind, i) => ({ kind, title: [`test ${i}`], details: [] })),
  words: [],
  took: 1,
})
const lab = 'test/whole/lab.test.ts'
const lists = 'test/whole/lists.test.ts'

t.test('a test with real servers that failed is run once more', async (t) => {
  const runs = onceMore([report(lab, 'passed', 'failed'), report(lists, 'passed')])
  t.strictSame(
    runs.map(({ name }) => name),
    [lab],
  )
  t.strictSame(onceMore([report(lists, 'passed', 'skipped')]), [])
})

t.test('what has no real servers, or fails in many, is not', async (t) => {
  t.strictSame(onceMore([report('test/pool/choose.test.ts', 'failed')]), [])
  t.strictSame(
    onceMore([report(lab, 'failed'), report('test/pool/choose.test.ts', 'failed')]),
    [],
    'all would be red anyway',
  )
  const many = ['a', 'b', 'c', 'd'].map((name) => report(`test/whole/${name}.test.ts`, 'failed'))
  t.strictSame(onceMore(many), [])
  t.equal(onceMore(many.slice(1)).length, 3)
})

t.test('the second run counts, and one that passed is told of by what had failed', async (t) => {
  const first = [report(lab, 'passed', 'failed'), report(lists, 'failed')]
  const second = [report(lab, 'passed', 'passed'), report(lists, 'failed')]
  const { reports, unsteady } = withSecondRuns(first, second)
  t.strictSame(reports, second)
  t.strictSame(unsteady, first.slice(0, 1))
  t.match(unsteadyLines(unsteady), [/^unsteady: test\/whole\/lab.test.ts › test 1: failed/])
  t.strictSame(withSecondRuns(first, []), { reports: first, unsteady: [] })
})
