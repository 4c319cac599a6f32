import t from 'tap'
import { readKnown, writeKnown } from '../../gateway/control/known.ts'

t.test('what is written reads the same', async (t) => {
  const known = [
    { host: '10.0.0.2', port: 8888, drained: false },
    { host: 'fd00::2', port: 8889, drained: true },
  ]
  t.strictSame(readKnown(writeKnown(known)), known)
})

t.test('a file that is not ours is refused in one sentence', async (t) => {
  const files = [
    '',
    '{',
    '[]',
    'null',
    '{"version":2,"backends":[]}',
    '{"version":1}',
    '{"version":1,"backends":[{"address":"10.0.0.2"}]}',
    '{"version":1,"backends":[{"address":"10.0.0.2:0"}]}',
    '{"version":1,"backends":[null]}',
    '{"version":1,"backends":["10.0.0.2:8888"]}',
  ]
  for (const file of files) t.throws(() => readKnown(file), { message: /^the state file / }, file)
})
