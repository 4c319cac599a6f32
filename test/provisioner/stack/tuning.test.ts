import { readFileSync } from 'node:fs'
import t from 'tap'
import { readTuning, TUNABLE_NAMES } from '../../../provisioner/stack/tuning.ts'
import { OVERRIDES, stackFiles } from '../../../provisioner/stack/variables.ts'

t.test('what is set is read, and a server always ends before Swarm kills it', async (t) => {
  t.strictSame(readTuning('# all\n\nPYLI_JUPYTER_MEMORY=8g\n PYLI_TERMINALS = off \n'), {
    PYLI_JUPYTER_MEMORY: '8g',
    PYLI_TERMINALS: 'off',
  })
  t.strictSame(readTuning('PYLI_DRAIN_DEADLINE=600'), { PYLI_DRAIN_DEADLINE: '600', PYLI_STOP_GRACE: '630s' })
  t.strictSame(readTuning(''), {})
})

t.test('all mistakes are told at once, each with its line', async (t) => {
  const text = ['PYLI_JUPYTER_MEMORY=8', 'PYLI_JUPITER_CPUS=2', 'nonsense', 'PYLI_MTU=1400', 'PYLI_MTU=1400', 'X=1']
  t.throws(() => readTuning(text.join('\n'), 'f'), {
    name: 'Trouble',
    message: [
      'f:1: PYLI_JUPYTER_MEMORY must look like 512m or 8g, got 8',
      'f:2: PYLI_JUPITER_CPUS is not known; is it PYLI_JUPYTER_CPUS?',
      'f:3: a line must read NAME=VALUE',
      'f:5: PYLI_MTU is there twice, and one of the two would be lost',
      `f:6: X is none of ${TUNABLE_NAMES.join(', ')}`,
    ].join('\n'),
  })
})

t.test('the files use all that may be set, and README tells of it', async (t) => {
  const files = stackFiles([...OVERRIDES], { httpPort: 80 })
    .map((file) => readFileSync(file, 'utf8'))
    .join('')
  const readme = readFileSync(new URL('../../../stack/README.md', import.meta.url), 'utf8')
  for (const name of TUNABLE_NAMES) {
    const [, usual = ''] = new RegExp(`\\$\\{${name}:-([^}]*)\\}`).exec(files) ?? []
    t.not(usual, '', name)
    t.ok(readme.includes(`| \`${name}\` | \`${usual}\` |`), `${name}, with its default`)
  }
})
