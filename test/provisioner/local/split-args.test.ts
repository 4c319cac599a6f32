import t from 'tap'
import { splitArgs } from '../../../provisioner/local/split-args.ts'

t.test('takes the named options and leaves the others as they were written', async (t) => {
  const { values, rest, mistakes } = splitArgs(
    ['--log', 'pretty', '--servers', '3', '--probe-every=3s', '--listen=0.0.0.0:443', '-x', '--', '--fall', '2'],
    ['servers', 'listen'],
  )
  t.strictSame(
    [...values],
    [
      ['servers', '3'],
      ['listen', '0.0.0.0:443'],
    ],
  )
  t.strictSame(rest, ['--log', 'pretty', '--probe-every=3s', '-x', '--fall', '2'])
  t.strictSame(mistakes, [])
})

t.test('a value that is missing is not taken from the next option', async (t) => {
  const { values, rest, mistakes } = splitArgs(['--servers', '--log', 'json', '--listen'], ['servers', 'listen'])
  t.equal(values.size, 0)
  t.strictSame(mistakes, ['--servers needs a value', '--listen needs a value'])
  t.notMatch(rest, ['--servers'])
})

t.test('an option that is there twice is a mistake', async (t) => {
  t.match(splitArgs(['--servers', '2', '--servers=3'], ['servers']).mistakes, [/--servers is there twice/])
})
