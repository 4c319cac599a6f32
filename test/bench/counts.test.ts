import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { countsOf, helpOf } from '../../bench/counts.ts'

const use = {
  script: 'bench:rain',
  about: 'what rain costs',
  counts: { drops: { usually: 1_000, about: 'how many fall' }, seconds: { usually: 4, about: 'how long' } },
} as const

t.test('what is not said is as usual', async (t) => {
  t.strictSame(countsOf([], use), { drops: 1_000, seconds: 4 })
  t.strictSame(countsOf(['--seconds=0.5'], use), { drops: 1_000, seconds: 0.5 })
  t.equal(countsOf(['--drops=7', '--help'], use), 'help')
})

t.test('what cannot be meant is told in a sentence', async (t) => {
  t.throws(() => countsOf(['--drops=many'], use), /^--drops must be a number above 0, got "many"$/)
  t.throws(() => countsOf(['--drop=7'], use), /Unknown option '--drop'/)
})

t.test('each option is told with its usual number', async (t) => {
  t.match(
    helpOf(use),
    /^npm run bench:rain \[-- OPTIONS\] +what rain costs\n\n {2}--drops COUNT +how many fall \(1000\)\n/,
  )
  t.match(helpOf({ ...use, counts: {} }), /^npm run bench:rain +what rain costs\n$/)
})

for (const name of ['lists', 'slow', 'soak', 'growth', 'micro']) {
  t.test(`bench:${name} tells its use instead of beginning`, async (t) => {
    const program = join(import.meta.dirname, '..', '..', 'bench', `${name}.ts`)
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--help'], { encoding: 'utf8' })
    t.equal(status, 0)
    t.match(stdout, `npm run bench:${name} `)
    t.equal(stderr, '')
  })
}
