import t from 'tap'
import { RequestReader } from '../../gateway/front/request-reader.ts'
import { Texts } from '../../gateway/http1/texts.ts'

t.test('texts are what stands in the octets, wherever and in whatever order they are asked for', async (t) => {
  const bytes = Buffer.from(Array.from({ length: 5_000 }, (_, place) => place % 256))
  const texts = new Texts()
  for (const [from, to] of [
    [10, 20],
    [20, 1_500],
    [0, 5],
    [4_990, 5_000],
    [1_030, 1_040],
    [7, 7],
  ] as const)
    t.equal(texts.of(bytes, from, to), bytes.toString('latin1', from, to), `${from} to ${to}`)
  const others = Buffer.from('other bytes')
  t.equal(texts.of(others, 0, 5), 'other')
})

t.test('room that is read into again is read anew', async (t) => {
  const heard: string[] = []
  const reader = new RequestReader(
    { headBytes: 1_000, fields: 10, targetBytes: 100 },
    { onHead: ({ headers }) => void heard.push(headers.join(' ')), onBody: () => true, onEnd: () => {} },
  )
  const room = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nX-Of: one\r\n\r\n')
  reader.read(room)
  reader.next()
  room.write('two', room.indexOf('one'))
  reader.read(room)
  t.same(heard, ['Host a X-Of one', 'Host a X-Of two'])
})
