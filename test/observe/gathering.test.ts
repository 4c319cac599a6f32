import t from 'tap'
import { Gathering } from '../../gateway/observe/gathering.ts'

function setUp(options: { most?: number; delay?: number }) {
  const written: Buffer[] = []
  let flushed = 0
  const target = { write: (lines: Buffer) => void written.push(lines), flushSync: () => void flushed++ }
  return { written: () => written.map(String), gathering: new Gathering(target, options), flushed: () => flushed }
}

t.test('lines go on together when there is no room for another one', async (t) => {
  const { written, gathering } = setUp({ most: 20, delay: 60_000 })
  for (const line of ['one\n', 'two\n', 'three\n', 'four\n']) gathering.write(line)
  t.same(written(), ['one\ntwo\n', 'three\n'])
})

t.test('what has gone on is not written over', async (t) => {
  const { written, gathering } = setUp({ most: 12, delay: 60_000 })
  for (const line of ['one\n', 'two\n', 'six\n', 'ten\n']) gathering.write(line)
  t.same(written(), ['one\n', 'two\n', 'six\n'])
})

t.test('a line that is longer than all room goes on by itself, in its order', async (t) => {
  const { written, gathering } = setUp({ most: 12, delay: 60_000 })
  const long = `${'long '.repeat(20)}\n`
  for (const line of ['one\n', long, 'two\n']) gathering.write(line)
  gathering.flushSync()
  t.same(written(), ['one\n', long, 'two\n'])
})

t.test('lines of any letters are whole', async (t) => {
  const { written, gathering } = setUp({ most: 64, delay: 60_000 })
  const lines = ['für\n', '日本語\n', '🦉🦉\n', 'x'.repeat(20), '\n']
  for (const line of lines) gathering.write(line)
  gathering.flushSync()
  t.equal(written().join(''), lines.join(''))
})

t.test('few lines go on after a while', async (t) => {
  const { written, gathering } = setUp({ delay: 1 })
  gathering.write('one\n')
  t.same(written(), [])
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.same(written(), ['one\n'])
})

t.test('the end of the process takes all of them along', async (t) => {
  const { written, gathering, flushed } = setUp({})
  gathering.write('one\n')
  gathering.flushSync()
  gathering.flushSync()
  t.same(written(), ['one\n'])
  t.equal(flushed(), 2)
})
