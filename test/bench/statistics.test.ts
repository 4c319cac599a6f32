import t from 'tap'
import { isTie, ratioOf, spreadOf } from '../../bench/report/statistics.ts'

t.test('the median is the one in the middle, or between the two', async (t) => {
  t.same(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3 })
  t.same(spreadOf([4, 1, 2, 3]), { median: 2.5, min: 1, max: 4 })
  t.same(spreadOf([7]), { median: 7, min: 7, max: 7 })
  t.same(spreadOf([10, 9, 100]), { median: 10, min: 9, max: 100 }, 'by size, not as texts')
  t.throws(() => spreadOf([]), /no rounds/)
})

t.test('a ratio compares each round with the same round of the other', async (t) => {
  // Both were disturbed in the second round: that says nothing of either.
  t.same(ratioOf([10, 100, 10], [20, 200, 20]), { median: 0.5, min: 0.5, max: 0.5 })
  t.throws(() => ratioOf([1], [1, 2]), /in turns/)
})

t.test('rounds that disagree on who is cheaper are a tie', async (t) => {
  t.ok(isTie(ratioOf([10, 12], [11, 11])))
  t.notOk(isTie(ratioOf([10, 10], [11, 12])))
  t.notOk(isTie(ratioOf([12, 13], [11, 11])))
})
