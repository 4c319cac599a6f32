import t from 'tap'
import { answerFrom } from '../../gateway/cache/answer-from.ts'
import { CachedFile } from '../../gateway/cache/cached-file.ts'
import { compress } from '../../gateway/cache/compress.ts'
import { header } from '../../gateway/http1/raw-headers.ts'

const modified = 'Fri, 27 Nov 2026 11:13:40 GMT'
const text = Buffer.from('let a = 1\n'.repeat(1_000))
const headers = [
  'Content-Type',
  'application/javascript',
  'Cache-Control',
  'public, max-age=31536000, immutable',
  'Last-Modified',
  modified,
]
const file = CachedFile.from({ status: 200, headers, body: text }) as CachedFile
await compress(file)

const ask = (...asked: string[]) => {
  const { status, headers, body } = answerFrom(file, asked)
  return { status, body, of: (name: string) => header(headers, name) }
}

t.test('the smallest form that a client takes', async (t) => {
  for (const [accepted, coding] of [
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['BR', 'br'],
    ['identity', undefined],
    ['br;q=0.0', undefined],
    ['', undefined],
    ['xbr', undefined],
  ] as const) {
    const { status, body, of } = ask('Accept-Encoding', accepted)
    t.equal(status, 200)
    t.equal(of('content-encoding'), coding, accepted)
    t.equal(of('content-length'), String(body.length))
    t.equal(body.length < text.length, coding !== undefined)
    t.equal(of('vary'), 'Accept-Encoding')
  }
  t.not(ask('Accept-Encoding', 'br').of('etag'), ask().of('etag'), 'each form has a tag of its own')
})

t.test('who has it already is told so', async (t) => {
  const tag = ask('Accept-Encoding', 'br').of('etag') as string
  for (const asked of [
    ['If-None-Match', tag],
    ['If-None-Match', `"x", W/${tag}`],
    ['If-None-Match', '*'],
    ['If-Modified-Since', modified],
    ['If-Modified-Since', 'Sat, 28 Nov 2026 11:13:40 GMT'],
    ['If-None-Match', ask().of('etag') as string, 'Accept-Encoding', 'br'],
  ]) {
    const { status, body } = ask(...asked)
    t.equal(status, 304, asked.join(': '))
    t.equal(body.length, 0)
  }
  for (const asked of [
    ['If-None-Match', '"x"'],
    ['If-None-Match', '"x"', 'If-Modified-Since', modified],
    ['If-Modified-Since', 'Thu, 26 Nov 2026 11:13:40 GMT'],
    ['If-Modified-Since', 'yesterday'],
  ]) {
    t.equal(ask(...asked).status, 200, asked.join(': '))
  }
})

t.test('a part of it, where one is asked for', async (t) => {
  const last = text.length - 1
  for (const [range, from, to] of [
    ['bytes=0-9', 0, 9],
    ['bytes=9990-', 9_990, last],
    ['bytes=-10', last - 9, last],
    ['bytes=0-99999', 0, last],
    ['bytes=-99999', 0, last],
  ] as const) {
    const { status, body, of } = ask('Range', range, 'Accept-Encoding', 'br')
    t.equal(status, 206, range)
    t.ok(body.equals(text.subarray(from, to + 1)), range)
    t.equal(of('content-range'), `bytes ${from}-${to}/${text.length}`)
    t.equal(of('content-encoding'), undefined)
  }
  for (const range of ['bytes=10000-', 'bytes=99999-', 'bytes=-0']) {
    const { status, of } = ask('Range', range)
    t.equal(status, 416, range)
    t.equal(of('content-range'), `bytes */${text.length}`)
  }
  for (const range of ['bytes=0-1,5-6', 'bytes=9-1', 'lines=0-1', 'bytes=-'])
    t.equal(ask('Range', range).status, 200, range)
})

t.test('a part of what it was when the client had the rest', async (t) => {
  const part = (condition: string) => ask('Range', 'bytes=0-1', 'If-Range', condition).status
  t.equal(part(ask().of('etag') as string), 206)
  t.equal(part(modified), 206)
  t.equal(part('"x"'), 200)
  t.equal(part(ask('Accept-Encoding', 'br').of('etag') as string), 200)
})
