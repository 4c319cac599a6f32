import t from 'tap'
import { Seldom } from '../../gateway/limits/seldom.ts'

t.test('of many like events one in each period is told, with how many there were', async (t) => {
  const clock = { now: 0 }
  const seldom = new Seldom(() => clock.now, 1_000)
  t.equal(seldom.count('a'), 1)
  for (let i = 0; i < 5; i++) t.equal(seldom.count('a'), undefined)
  t.equal(seldom.count('b'), 1, 'of another kind at once')
  clock.now = 1_000
  t.equal(seldom.count('a'), 6)
  clock.now = 1_500
  t.equal(seldom.count('a'), undefined)
})
