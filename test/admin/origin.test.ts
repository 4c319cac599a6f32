import t from 'tap'
import { isForeign, isOwnName } from '../../gateway/admin/origin.ts'

const host = '127.0.0.1:9090'

t.test('a page of another origin is foreign, also one on another port of the same host', async (t) => {
  for (const origin of ['http://evil.example', 'http://127.0.0.1:8888', 'http://127.0.0.1', 'null', '']) {
    t.equal(isForeign({ host, origin }), true, origin)
  }
  for (const site of ['cross-site', 'same-site', 'nonsense']) t.equal(isForeign({ host, 'sec-fetch-site': site }), true)
})

t.test('our own page, an address that was typed in, and a program are not', async (t) => {
  t.equal(isForeign({ host, origin: `http://${host}` }), false)
  t.equal(isForeign({ host, origin: `https://${host}` }), false, 'behind a proxy that speaks TLS')
  t.equal(isForeign({ host, 'sec-fetch-site': 'none' }), false)
  t.equal(isForeign({ host }), false)
})

t.test('a name that may be anybody’s is none of ours, unless it is allowed', async (t) => {
  for (const name of ['127.0.0.1:9090', '[::1]:9090', '10.0.0.2', 'localhost:9090', 'gateway:9090', 'a.localhost:1']) {
    t.equal(isOwnName(name, []), true, name)
  }
  for (const name of [undefined, '', 'evil.example:9090', '127.0.0.1.evil.example', 'localhost.', 'a b', '[::1', '@']) {
    t.equal(isOwnName(name, []), false, `${name}`)
  }
  t.equal(isOwnName('ops.example.org:9090', ['ops.example.org']), true)
  t.equal(isOwnName('ops.example.org:9090', ['www.example.org']), false)
})
