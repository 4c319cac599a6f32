import t from 'tap'
import { contentLength, frame } from '../../bench/works/reply.ts'

t.test('where an answer ends is told by its length, and what is no such answer is no measure', async (t) => {
  const lengthOf = contentLength(200)
  const head = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n'
  t.equal(lengthOf(Buffer.from(`${head}12`)), head.length + 5)
  t.equal(lengthOf(Buffer.from(head.slice(0, -1))), undefined)
  t.throws(() => lengthOf(Buffer.from('HTTP/1.1 503 No\r\nContent-Length: 5\r\n\r\n')), /not the answer/)
  t.throws(() => lengthOf(Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')), /without/)
})

t.test('a frame is as long as its payload and its head', async (t) => {
  t.same(
    [2, 256, 16_384, 70_000].map((length) => frame(length)(Buffer.from([0x82]))),
    [4, 260, 16_388, 70_010],
  )
  t.throws(() => frame(256)(Buffer.from([0x88, 2])), /not the frame/)
})
