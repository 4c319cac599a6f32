import t from 'tap'
import { alone, CachedFile } from '../../gateway/cache/cached-file.ts'

const immutable = ['Content-Type', 'application/javascript', 'Cache-Control', 'public, max-age=31536000, immutable']
const body = Buffer.from('alert(1)')
const answer = (headers: string[], status = 200) => ({ status, headers, body })

t.test('a file that everybody may have is kept, with what its server said of it', async (t) => {
  const headers = [...immutable, 'X-Content-Type-Options', 'nosniff', 'Content-Length', '8', 'ETag', '"of one server"']
  const file = CachedFile.from(answer(headers))
  t.same(file?.headers, [...immutable, 'X-Content-Type-Options', 'nosniff'])
  t.ok(file?.isFresh)
  t.equal(file?.tag, CachedFile.from(answer(immutable))?.tag, 'whichever server it came from')
  t.ok(file && file.size > body.length)
})

t.test('it keeps no more memory than it is said to: not the whole of the read that it was a part of', async (t) => {
  const read = Buffer.allocUnsafeSlow(64 * 1024)
  const part = read.subarray(200, 20_200)
  const file = CachedFile.from({ ...answer(immutable), body: part })
  t.ok(file?.body.equals(part))
  t.equal(file?.body.buffer.byteLength, part.length)
  t.equal(alone(read), read, 'what is alone already is not copied')
})

for (const [why, headers, status] of [
  ['sets a cookie', [...immutable, 'Set-Cookie', 'a=b']],
  ['is a page', ['Content-Type', 'text/html; charset=UTF-8', 'Cache-Control', 'public, max-age=60']],
  ['is of no known type', ['Cache-Control', 'public, max-age=60']],
  ['is for one client', ['Content-Type', 'text/css', 'Cache-Control', 'private, max-age=60']],
  ['shall not be stored', ['Content-Type', 'text/css', 'Cache-Control', 'no-store']],
  ['must always be looked at again', ['Content-Type', 'text/css', 'Cache-Control', 'no-cache']],
  ['depends on who asks', [...immutable, 'Vary', 'Cookie']],
  ['depends on anything', [...immutable, 'Vary', '*']],
  ['is coded already', [...immutable, 'Content-Encoding', 'gzip']],
  ['is a part', immutable, 206],
  ['is not there', immutable, 404],
  ['leads elsewhere', immutable, 302],
] as const) {
  t.test(`what ${why} is not kept`, async (t) => {
    t.equal(CachedFile.from(answer([...headers], status)), undefined)
  })
}

t.test('one that has grown old is asked for again, and stays if its server says so', async (t) => {
  const then = new Date(Date.now() - 3_600_000).toUTCString()
  const old = ['Content-Type', 'text/css', 'Cache-Control', 'max-age=4000', 'Date', then, 'Last-Modified', then]
  const file = CachedFile.from(answer([...old, 'Age', '4001'])) as CachedFile | undefined
  t.equal(file, undefined, 'what is old when it comes is not kept')
  const fresh = CachedFile.from(answer(old)) as CachedFile
  t.match(fresh.revalidationHeaders().join(), new RegExp(`if-modified-since,${then}`))
  t.ok(fresh.revalidate(answer(['Last-Modified', then, 'Cache-Control', 'max-age=60'], 304)))
  t.notOk(fresh.revalidate(answer(['Content-Type', 'text/css'], 200)))
})
