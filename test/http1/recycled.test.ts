import t from 'tap'
import { giveBack, longestRead, roomFor, whenWritten } from '../../gateway/http1/recycled.ts'

const large = 40_000

t.test('room that was given back is taken again', async (t) => {
  const first = roomFor(large)
  t.equal(first.length, large)
  giveBack(first)
  const second = roomFor(longestRead)
  t.equal(second.buffer, first.buffer)
  t.equal(second.length, longestRead)
  giveBack(second)
})

t.test('room is nobody else’s as long as it is not given back whole, once, and as it was taken', async (t) => {
  const room = roomFor(large)
  giveBack(room.subarray(1))
  giveBack(room.subarray(0, large - 1))
  const other = roomFor(large)
  t.not(other.buffer, room.buffer)
  giveBack(room)
  giveBack(room)
  const [next, last] = [roomFor(large), roomFor(large)]
  t.equal(next.buffer, room.buffer)
  t.not(last.buffer, room.buffer)
})

t.test('what is given back twice is not taken twice, and stays as it is', async (t) => {
  const room = roomFor(longestRead)
  giveBack(room)
  giveBack(room)
  const [next, last] = [roomFor(longestRead), roomFor(longestRead)]
  t.equal(next.length, longestRead)
  t.equal(last.length, longestRead)
  t.not(next.buffer, last.buffer)
})

t.test('what was never taken here is not kept but freed, once all of its memory was given back', async (t) => {
  const stranger = Buffer.allocUnsafeSlow(longestRead)
  giveBack(stranger.subarray(0, large))
  t.equal(stranger.length, longestRead)
  giveBack(stranger.subarray(large))
  t.equal(stranger.length, 0)
  t.equal(roomFor(large).length, large)
})

t.test('what several reads share is there until the last of them is given back', async (t) => {
  const slab = Buffer.allocUnsafeSlow(longestRead).fill('a')
  const reads = [0, 1, 2, 3].map((place) => slab.subarray(place * 16_384, (place + 1) * 16_384))
  for (const read of reads.slice(1)) giveBack(read)
  t.equal(reads[0]?.toString(), 'a'.repeat(16_384))
  giveBack(reads[0] as Buffer)
  t.equal(slab.length, 0)
})

t.test('nothing is to be done when small bytes are written', async (t) => {
  t.equal(whenWritten(Buffer.alloc(100)), undefined)
  const bytes = Buffer.allocUnsafeSlow(large)
  whenWritten(bytes)?.()
  t.equal(bytes.length, 0)
})

t.test('small reads share a slab, and are not given back', async (t) => {
  const room = roomFor(100)
  giveBack(room)
  t.equal(room.length, 100)
  t.not(roomFor(100), room)
})
