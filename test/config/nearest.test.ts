import t from 'tap'
import { nearest } from '../../gateway/config/nearest.ts'

t.test('the candidate with the fewest edits is nearest', async (t) => {
  t.equal(nearest('--probe-evry', ['--survey-every', '--probe-every', '--probe-timeout']), '--probe-every')
  t.equal(nearest('--basurl', ['--base-url', '--bas-ur']), '--base-url')
})

t.test('nothing is nearest when all candidates are far', async (t) => {
  t.equal(nearest('--foo', ['--log', '--tls']), undefined)
  t.equal(nearest('--something', ['--survey-every']), undefined)
})
