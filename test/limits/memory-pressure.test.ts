import { totalmem } from 'node:os'
import t from 'tap'
import { MemoryPressure, memoryUses } from '../../gateway/limits/memory-pressure.ts'

t.test('over 85 % new work is shed, until it is under 75 % again', async (t) => {
  let used = 0
  const pressure = new MemoryPressure(() => [
    { used: 10, limit: 100 },
    { used, limit: 100 },
  ])
  const after = (now: number) => {
    used = now
    return [pressure.look(), pressure.shedding]
  }
  t.same(after(85), [false, false])
  t.same(after(86), [true, true])
  t.same(after(84), [false, true])
  t.same(after(75), [false, true])
  t.same(after(74), [true, false])
  t.same(after(80), [false, false])
})

t.test('the fullest of heap and memory counts', async (t) => {
  const heap = { used: 90, limit: 100 }
  const pressure = new MemoryPressure(() => [heap, { used: 1, limit: 100 }])
  pressure.look()
  t.ok(pressure.shedding)
})

t.test('without readings nothing is shed', async (t) => {
  const pressure = new MemoryPressure(() => [])
  t.notOk(pressure.look())
  t.notOk(pressure.shedding)
})

t.test('our own use is measured by the cgroup’s limit, or by the machine’s memory where there is none', async (t) => {
  const mebibyte = 1024 * 1024
  const [heap, memory] = memoryUses({ resident: 300 * mebibyte, constrained: 512 * mebibyte }, 1)
  t.same(memory, { used: 300 * mebibyte, limit: 512 * mebibyte })
  t.ok(heap && heap.used > 0 && heap.used < heap.limit)
  for (const constrained of [0, 2 ** 63]) t.equal(memoryUses({ resident: 1, constrained }, 1)[1]?.limit, totalmem())
})

t.test('processes that share a gateway share its memory', async (t) => {
  t.equal(memoryUses({ resident: 100, constrained: 1000 }, 3)[1]?.used, 300)
})
