import { inflateSync } from 'node:zlib'
import type { Picture } from './kernel-client.ts'

/** How many colours a picture has: one where it is empty, whatever it weighs. Throws where it is no picture. */
export function coloursOf({ type, data }: Picture): number {
  return type === 'image/png' ? coloursOfPng(Buffer.from(data, 'base64')) : coloursOfSvg(data)
}

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

function coloursOfPng(png: Buffer): number {
  if (!png.subarray(0, 8).equals(SIGNATURE)) throw new Error('this is no PNG')
  const chunks = chunksOf(png)
  const header = chunks.find(({ name }) => name === 'IHDR')?.body
  if (header === undefined) throw new Error('a PNG without a header')
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const [depth = 0, kind = 0, , , interlaced] = header.subarray(8)
  if (interlaced !== 0) throw new Error('interlaced: not read here')
  const pixels = inflateSync(Buffer.concat(chunks.filter(({ name }) => name === 'IDAT').map(({ body }) => body)))
  const bits = (CHANNELS[kind] ?? 0) * depth
  const colours = new Set<string>()
  for (const row of unfiltered(pixels, Math.ceil((width * bits) / 8), Math.max(1, bits / 8), height)) {
    for (let x = 0; x < width; x++) {
      const at = (x * bits) / 8
      const colour =
        bits < 8
          ? (((row[Math.floor(at)] ?? 0) >> (8 - bits - ((x * bits) % 8))) & (2 ** bits - 1)).toString()
          : row.toString('hex', at, at + bits / 8)
      colours.add(colour)
    }
  }
  return colours.size
}

function chunksOf(png: Buffer): { name: string; body: Buffer }[] {
  const chunks: { name: string; body: Buffer }[] = []
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at)
    chunks.push({ name: png.toString('latin1', at + 4, at + 8), body: png.subarray(at + 8, at + 8 + length) })
    at += 12 + length
  }
  return chunks
}

/** Each row as it is, where the file has differences to what is left of it and above. */
function* unfiltered(data: Buffer, length: number, step: number, rows: number): Generator<Buffer> {
  let above: Buffer = Buffer.alloc(length)
  for (let row = 0; row < rows; row++) {
    const filter = data[row * (length + 1)] ?? 0
    const line = Buffer.from(data.subarray(row * (length + 1) + 1, (row + 1) * (length + 1)))
    if (line.length !== length) throw new Error(`a PNG that ends in row ${row} of ${rows}`)
    for (let x = 0; x < length; x++) {
      const left = line[x - step] ?? 0
      const corner = x < step ? 0 : (above[x - step] ?? 0)
      line[x] = ((line[x] ?? 0) + guess(filter, left, above[x] ?? 0, corner)) & 255
    }
    above = line
    yield line
  }
}

function guess(filter: number, left: number, above: number, corner: number): number {
  switch (filter) {
    case 0:
      return 0
    case 1:
      return left
    case 2:
      return above
    case 3:
      return (left + above) >> 1
    default:
      return paeth(left, above, corner)
  }
}

function paeth(left: number, above: number, corner: number): number {
  const estimate = left + above - corner
  const [toLeft, toAbove, toCorner] = [left, above, corner].map((each) => Math.abs(estimate - each)) as [
    number,
    number,
    number,
  ]
  if (toLeft <= toAbove && toLeft <= toCorner) return left
  return toAbove <= toCorner ? above : corner
}

function coloursOfSvg(svg: string): number {
  if (!/<svg[\s>]/.test(svg)) throw new Error('this is no SVG')
  if (!/<(path|line|polyline|polygon|rect|circle)\b/.test(svg)) return 0
  return new Set(svg.match(/#[\da-f]{3,8}\b|rgb\([^)]*\)|\b(black|white|red|blue|green)\b/gi)).size
}
