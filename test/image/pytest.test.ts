import t from 'tap'
import { testsOf } from './pytest.ts'

const line = (name: string, outcome: string, longrepr: unknown = null) =>
  JSON.stringify({ $report_type: 'TestReport', nodeid: `tests/test_a.py::${name}`, outcome, longrepr })

t.test('a test is told once, whatever pytest reports of its parts', async (t) => {
  const log = [
    '{"pytest_version": "9.2.0", "$report_type": "SessionStart"}',
    ...['passed', 'passed', 'passed'].map((outcome) => line('holds', outcome)),
    line('Case::skips', 'skipped', ['tests/test_a.py', 3, 'Skipped: php is not installed']),
    line('breaks', 'passed'),
    line('breaks', 'failed', { reprcrash: { message: 'assert 1 == 2' } }),
    line('breaks', 'passed'),
    line('ends badly', 'passed'),
    line('ends badly', 'passed'),
    line('ends badly', 'failed', 'in its teardown'),
    JSON.stringify({ $report_type: 'SubTestReport', nodeid: 'tests/test_a.py::holds', outcome: 'passed' }),
  ]
  t.same(testsOf(`${log.join('\n')}\n`), [
    { file: 'tests/test_a.py', name: 'holds', outcome: 'passed', reason: '' },
    { file: 'tests/test_a.py', name: 'Case › skips', outcome: 'skipped', reason: 'php is not installed' },
    { file: 'tests/test_a.py', name: 'breaks', outcome: 'failed', reason: 'assert 1 == 2' },
    { file: 'tests/test_a.py', name: 'ends badly', outcome: 'failed', reason: 'in its teardown' },
  ])
})
