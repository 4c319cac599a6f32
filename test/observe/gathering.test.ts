import t from 'tap'
import { Gathering } from '../../gateway/observe/gathering.ts'

function setUp(options: { most?: number; delay?: number }) {
  const written: string[] = []
  let flushed = 0
  const target = { write: (lines: string) => void written.push(lines), flushSync: () => void flushed++ }
  return { written, gathering: new Gathering(target, options), flushed: () => flushed }
}

t.test('lines go on together when there are enough of them', async (t) => {
  const { written, gathering } = setUp({ most: 8, delay: 60_000 })
  for (const line of ['one\n', 'two\n', 'three\n']) gathering.write(line)
  t.same(written, ['one\ntwo\n'])
})

t.test('few lines go on after a while', async (t) => {
  const { written, gathering } = setUp({ delay: 1 })
  gathering.write('one\n')
  t.same(written, [])
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.same(written, ['one\n'])
})

t.test('the end of the process takes all of them along', async (t) => {
  const { written, gathering, flushed } = setUp({})
  gathering.write('one\n')
  gathering.flushSync()
  gathering.flushSync()
  t.same(written, ['one\n'])
  t.equal(flushed(), 2)
})
