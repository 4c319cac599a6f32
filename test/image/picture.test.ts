import { deflateSync } from 'node:zlib'
import t from 'tap'
import { coloursOf } from './support/picture.ts'

// The test of images believes in pictures only if this reads them: so it is tried on pictures whose colours are known.

const chunk = (name: string, body: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, Buffer.from(name), body, Buffer.alloc(4)])
}
function png(width: number, depth: number, kind: number, rows: readonly (readonly number[])[]): string {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(rows.length, 4)
  header.set([depth, kind, 0, 0, 0], 8)
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  const body = deflateSync(Buffer.from(rows.flat()))
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', body),
    chunk('IEND', Buffer.alloc(0)),
  ]).toString('base64')
}
const colours = (data: string) => coloursOf({ type: 'image/png', data })

t.test('pictures of one colour have one, however they are written', async (t) => {
  t.equal(colours(png(2, 8, 2, [[0, 9, 9, 9, 9, 9, 9]])), 1)
  t.equal(colours(png(2, 8, 2, [[1, 9, 9, 9, 0, 0, 0]])), 1, 'as the difference to the left')
  t.equal(
    colours(
      png(1, 8, 0, [
        [0, 7],
        [2, 0],
      ]),
    ),
    1,
    'to what is above',
  )
  t.equal(
    colours(
      png(1, 8, 0, [
        [0, 8],
        [3, 4],
      ]),
    ),
    1,
    'to the mean of both',
  )
  t.equal(
    colours(
      png(2, 8, 0, [
        [0, 5, 5],
        [4, 0, 0],
      ]),
    ),
    1,
    'to the nearest',
  )
  t.equal(colours(png(8, 1, 3, [[0, 0b11111111]])), 1, 'in bits')
})

t.test('others have each of theirs', async (t) => {
  t.equal(colours(png(2, 8, 6, [[0, 9, 9, 9, 255, 9, 9, 9, 0]])), 2)
  t.equal(colours(png(3, 8, 0, [[1, 1, 1, 1]])), 3)
  t.equal(colours(png(4, 2, 3, [[0, 0b00011011]])), 4)
  t.equal(coloursOf({ type: 'image/svg+xml', data: '<svg><path stroke="#000"/><rect fill="#fff"/></svg>' }), 2)
})

t.test('what is none is told', async (t) => {
  t.throws(() => colours(Buffer.from('GIF89a').toString('base64')), /no PNG/)
  t.throws(() => colours(png(2, 8, 0, [[0, 1]])), /ends in row 0/)
  t.equal(coloursOf({ type: 'image/svg+xml', data: '<svg></svg>' }), 0)
})
