import t from 'tap'
import type { PublicAnswer } from '../../gateway/cache/cached-file.ts'
import { FileCache } from '../../gateway/cache/file-cache.ts'

const headers = ['Content-Type', 'font/woff', 'Cache-Control', 'public, max-age=31536000, immutable']
const fileOf = (size: number): PublicAnswer => ({ status: 200, headers, body: Buffer.alloc(size) })

t.test('many who ask for one file at once make one question', async (t) => {
  const cache = new FileCache(1_000_000)
  const { promise, resolve } = Promise.withResolvers<PublicAnswer>()
  let asked = 0
  const ask = () => {
    asked++
    return promise
  }
  const all = [1, 2, 3].map(() => cache.fetch('a', ask))
  resolve(fileOf(10))
  const [first, ...others] = await Promise.all(all)
  t.ok(first && others.every((other) => other === first))
  t.equal(asked, 1)
  t.equal(cache.get('a'), first)
  t.match(cache, { hits: 1, misses: 3 })
})

t.test('what is none for it is not asked for again so soon, and neither is what cannot be had', async (t) => {
  const cache = new FileCache(1_000_000)
  t.equal(await cache.fetch('a', async () => ({ ...fileOf(1), status: 404 })), undefined)
  t.equal(await cache.fetch('b', async () => undefined), undefined)
  t.ok(cache.isRefused('a') && cache.isRefused('b'))
  t.notOk(cache.isRefused('c'))
  t.equal(cache.get('a'), undefined)
})

t.test('it holds no more than it may, and lets go first what nobody asks for', async (t) => {
  const cache = new FileCache(100_000)
  for (const name of ['a', 'b', 'c']) await cache.fetch(name, async () => fileOf(20_000))
  t.ok(cache.get('a'))
  for (const name of ['d', 'e', 'f']) await cache.fetch(name, async () => fileOf(20_000))
  t.ok(cache.bytes <= 100_000)
  t.ok(cache.get('f'))
  t.equal(cache.get('b'), undefined)
  t.ok(await cache.fetch('large', async () => fileOf(60_000)), 'one that is too large for it is served all the same')
  t.equal(cache.get('large'), undefined)
  t.ok(cache.get('f'), 'and takes nobody’s place')
})

t.test('a script is kept compressed as well, and that counts', async (t) => {
  const cache = new FileCache(1_000_000)
  const script = {
    ...fileOf(0),
    headers: ['Content-Type', 'text/javascript', ...headers.slice(2)],
    body: Buffer.alloc(9_000, 'a'),
  }
  const file = await cache.fetch('a', async () => script)
  const before = cache.bytes
  while (!file?.coded.gzip) await new Promise((resolve) => setTimeout(resolve, 1))
  await new Promise((resolve) => setImmediate(resolve))
  t.ok(file.coded.br && file.coded.br.length < 1_000)
  t.ok(cache.bytes > before)
})
