import t from 'tap'
import { LockTable } from '../../gateway/workers/lock-table.ts'

const claim = (worker: number, id: number) => ({ worker, id })

t.test('the first has the lock, the others get it in the order in which they asked', async (t) => {
  const table = new LockTable()
  t.equal(table.claim(claim(1, 1), 'a'), true)
  t.equal(table.claim(claim(2, 1), 'a'), false)
  t.equal(table.claim(claim(1, 2), 'a'), false)
  t.strictSame(table.release(claim(1, 1)), claim(2, 1))
  t.strictSame(table.release(claim(2, 1)), claim(1, 2))
  t.equal(table.release(claim(1, 2)), undefined)
  t.equal(table.size, 0)
})

t.test('locks of different keys do not wait for each other', async (t) => {
  const table = new LockTable()
  t.ok(table.claim(claim(1, 1), 'a'))
  t.ok(table.claim(claim(2, 1), 'b'))
})

t.test('a dead worker gives up what it held and what it waited for', async (t) => {
  const table = new LockTable()
  table.claim(claim(1, 1), 'a')
  table.claim(claim(1, 2), 'a')
  table.claim(claim(2, 1), 'a')
  table.claim(claim(2, 2), 'b')
  table.claim(claim(1, 3), 'b')
  t.strictSame(table.releaseAll(1), [claim(2, 1)])
  t.equal(table.release(claim(2, 1)), undefined)
  t.equal(table.release(claim(2, 2)), undefined, 'nobody waits for b any more')
  t.equal(table.size, 0)
})

t.test('a release that comes twice, or from nobody, changes nothing', async (t) => {
  const table = new LockTable()
  table.claim(claim(1, 1), 'a')
  table.claim(claim(2, 1), 'a')
  t.equal(table.release(claim(3, 9)), undefined)
  t.strictSame(table.release(claim(1, 1)), claim(2, 1))
  t.equal(table.release(claim(1, 1)), undefined)
  t.notOk(table.claim(claim(3, 1), 'a'), 'it is still held')
})
