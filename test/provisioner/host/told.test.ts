import t from 'tap'
import { ms, seconds } from '../../../gateway/config/units.ts'
import { plainly, told } from '../../../provisioner/host/told.ts'

t.test('an answer, or why there is none', async (t) => {
  t.strictSame(await told(Promise.resolve(undefined), seconds(1)), { value: undefined })
  t.strictSame(await told(Promise.reject(new Error('It is not there.')), seconds(1)), { unknown: 'It is not there' })
})

t.test('what never answers is left, also where it fails later', async (t) => {
  const { promise, reject } = Promise.withResolvers<never>()
  t.strictSame(await told(promise, ms(10)), { unknown: 'no answer within 0.01 s' })
  reject(new Error('late'))
})

t.test('as JSON', async (t) => {
  t.strictSame(plainly(await told(Promise.resolve([1]), seconds(1))), [1])
  t.strictSame(plainly({ unknown: 'why' }), { unknown: 'why' })
})
