import t from 'tap'
import { type CreationNews, Creations } from '../../gateway/jupyter/creations.ts'
import { KeyedLock } from '../../gateway/jupyter/keyed-lock.ts'
import { load } from '../../gateway/pool/choose.ts'
import { Pool } from '../../gateway/pool/pool.ts'

function setUp() {
  const pool = new Pool({ now: () => 0, random: () => 0.5, slowStart: 0 })
  const [a, b] = [1, 2].map((port) => pool.add({ host: 'h', port }))
  if (!a || !b) throw new Error('no backends')
  for (const backend of [a, b]) pool.judge(backend, 'pass', 'answers')
  const told: CreationNews[] = []
  const creations = new Creations({ pool, lock: new KeyedLock(), tell: (news) => told.push(news) })
  return { pool, a, b, told, creations }
}

t.test('what other workers are just starting counts as load, until it is over', async (t) => {
  const { creations, a, b } = setUp()
  creations.hear({ backend: 'h:1', by: 1 }, 7)
  t.equal(load(a), 1)
  t.equal((await creations.claim(new Set()))?.backend, b)
  creations.hear({ backend: 'h:1', by: -1 }, 7)
  t.equal(load(a), 0)
})

t.test('each claim and each end is told to the other workers', async (t) => {
  const { creations, told } = setUp()
  const claimed = await creations.claim(new Set())
  if (!claimed) throw new Error('no claim')
  const { key } = claimed.backend
  t.equal(load(claimed.backend), 1)
  for (let times = 0; times < 2; times++) claimed.release()
  t.equal(load(claimed.backend), 0)
  t.match(told, [
    { backend: key, by: 1 },
    { backend: key, by: -1 },
  ])
  t.equal(told.length, 2)
})

t.test('what a worker had under way ends with it', async (t) => {
  const { creations, a, b } = setUp()
  creations.hear({ backend: 'h:1', by: 1 }, 7)
  creations.hear({ backend: 'h:1', by: 1 }, 8)
  creations.hear({ backend: 'h:2', by: 1 }, 7)
  creations.gone(7)
  t.strictSame([load(a), load(b)], [1, 0])
})

t.test('who has heard of an end alone counts right all the same, and goes on to do so', async (t) => {
  const { creations, a } = setUp()
  creations.hear({ backend: 'h:1', by: -1 }, 7)
  t.equal(load(a), 0)
  creations.hear({ backend: 'h:1', by: 1 }, 7)
  t.equal(load(a), 1)
  creations.gone(7)
  t.equal(load(a), 0)
  creations.hear({ backend: 'h:1', by: -1 }, 8)
  creations.gone(8)
  t.equal(load(a), 0)
})

t.test('where nobody takes newcomers there is no claim, and nothing is told', async (t) => {
  const { creations, pool, a, b, told } = setUp()
  for (const backend of [a, b]) pool.drain(backend, 'operator')
  t.equal(await creations.claim(new Set()), undefined)
  t.strictSame(told, [])
})
