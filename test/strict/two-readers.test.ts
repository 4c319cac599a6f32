import t from 'tap'
import { Chance } from '../fuzz/chance.ts'
import { compareReaders, findDifference, NodeReader } from '../fuzz/two-readers.ts'

const chosen = Math.floor(Math.random() * 1e9)

for (const [seed, count] of [
  [1, 2_000],
  [chosen, 2_000],
] as const) {
  t.test(`what our reader takes of ${count} changed requests (seed ${seed}) is the same to Node’s`, async (t) => {
    const { cases, found } = await findDifference(new Chance(seed), (cases) => cases < count)
    t.same(found, undefined)
    t.equal(cases, count)
  })
}

t.test('two that read differently are found out', async (t) => {
  // Ours lets no coding but chunked pass; were it to take this one for none, the two would part.
  const reader = new NodeReader()
  const text = 'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: a\r\n\r\n'
  t.same(await compareReaders(reader, Buffer.from(text)), [])
  const heard = await reader.read([Buffer.from(text)])
  t.match(heard, [
    { method: 'POST', target: '/a', body: 'abc', whole: true },
    { method: 'GET', target: '/b', body: '', whole: true },
  ])
})
