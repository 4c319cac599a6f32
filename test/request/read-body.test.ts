import { Readable } from 'node:stream'
import t from 'tap'
import { readBody } from '../../gateway/request/read-body.ts'
import { httpExchange } from '../fakes/fake-exchange.ts'

function parts(...texts: string[]): Readable {
  return Readable.from(texts.map((text) => Buffer.from(text)))
}

t.test('no body is none', async (t) => {
  t.equal(await readBody(httpExchange(), 10), undefined)
})

t.test('a body of the limit is read whole, with a length or without', async (t) => {
  t.equal(String(await readBody(httpExchange({ body: '0123456789' }), 10)), '0123456789')
  t.equal(String(await readBody(httpExchange({ body: parts('01234', '56789') }), 10)), '0123456789')
})

t.test(
  'a body over the limit is refused: by its length before a byte is read, otherwise as soon as it shows',
  async (t) => {
    const announced = httpExchange({ body: '0123456789x' })
    t.equal(await readBody(announced, 10), 'too-large')
    t.equal(announced.body.stream.readableDidRead, false)
    let produced = 0
    const endless = new Readable({
      read() {
        produced++
        this.push(Buffer.alloc(8))
      },
      highWaterMark: 8,
    })
    t.equal(await readBody(httpExchange({ body: endless }), 64), 'too-large')
    t.ok(produced < 30, `${produced} parts were made`)
    t.equal(endless.destroyed, false, 'the answer can still be written')
  },
)

t.test('a body that ends early is told as such', async (t) => {
  const broken = new Readable({
    read() {
      this.destroy(new Error('aborted'))
    },
  })
  t.equal(await readBody(httpExchange({ body: broken }), 10), 'cut')
})

t.test('a client that waits to be told hears 100, once its length is known to fit', async (t) => {
  const headers = ['Host', 'a', 'Expect', '100-continue']
  const fits = httpExchange({ headers, body: 'x' })
  await readBody(fits, 10)
  t.same(fits.answer.informed, [100])
  const tooLarge = httpExchange({ headers, body: '0123456789x' })
  t.equal(await readBody(tooLarge, 10), 'too-large')
  t.same(tooLarge.answer.informed, [])
  const silent = httpExchange({ body: 'x' })
  await readBody(silent, 10)
  t.same(silent.answer.informed, [])
})
