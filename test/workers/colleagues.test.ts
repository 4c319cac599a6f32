import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { type FakeWorker, fakeFleet } from '../fakes/fake-fleet.ts'

type Two = [FakeWorker, FakeWorker]
const two = () => fakeFleet(2).workers as Two

t.test('what one tells all others hear, in order, and it does not', async (t) => {
  const [a, b, c] = fakeFleet(3).workers as [FakeWorker, FakeWorker, FakeWorker]
  const heard: unknown[] = []
  for (const { number, peers } of [a, b, c]) {
    peers.hear('survey', (news: string, from: number) => heard.push([number, news, from]))
  }
  a.peers.tell('survey', 'one')
  a.peers.tell('survey', 'two')
  await b.peers.sync()
  await c.peers.sync()
  t.strictSame(
    heard.filter((entry) => (entry as unknown[])[0] === 2),
    [
      [2, 'one', 1],
      [2, 'two', 1],
    ],
  )
  t.equal(heard.length, 4)
})

t.test('after a sync everything has been heard that was told before it', async (t) => {
  const [a, b] = two()
  let heard = 0
  b.peers.hear('survey', () => heard++)
  for (let count = 0; count < 100; count++) a.peers.tell('survey', count)
  await b.peers.sync()
  t.equal(heard, 100)
})

t.test('who has been told that all have heard may rely on it; one that has died is not waited for', async (t) => {
  const [a, b, c] = fakeFleet(3).workers as [FakeWorker, FakeWorker, FakeWorker]
  let heard = 0
  b.peers.hear('survey', () => heard++)
  for (let count = 0; count < 100; count++) a.peers.tell('survey', count)
  c.die()
  await a.peers.heard()
  t.equal(heard, 100)
})

t.test('syncs of one turn share a question, a later one asks anew', async (t) => {
  const [a, b] = two()
  let heard = 0
  b.peers.hear('survey', () => heard++)
  const early = [b.peers.sync(), b.peers.sync()]
  await turn()
  a.peers.tell('survey', 'late')
  const late = b.peers.sync()
  await Promise.all(early)
  await late
  t.equal(heard, 1)
})

t.test('a lock is held by one worker at a time, and the next has heard what the one before told', async (t) => {
  const [a, b] = two()
  const seen: string[] = []
  let heardByB = 'nothing'
  b.peers.hear('survey', (news: string) => {
    heardByB = news
  })
  const first = a.peers.lock.run('path', async () => {
    await turn()
    a.peers.tell('survey', 'made')
    seen.push('a')
  })
  const second = b.peers.lock.run('path', async () => {
    seen.push('b')
    t.equal(heardByB, 'made')
  })
  await Promise.all([first, second])
  t.strictSame(seen, ['a', 'b'])
})

t.test('a task that fails gives its lock back', async (t) => {
  const [a, b] = two()
  await t.rejects(
    a.peers.lock.run('path', () => Promise.reject(new Error('no'))),
    /no/,
  )
  t.equal(await b.peers.lock.run('path', async () => 'mine'), 'mine')
})

t.test('the lock of a worker that dies passes on, and its news no longer hold', async (t) => {
  const [a, b] = two()
  const gone: number[] = []
  b.peers.onGone((worker) => gone.push(worker))
  void a.peers.lock.run('path', () => new Promise(() => {}))
  await a.peers.sync()
  const waiting = b.peers.lock.run('path', async () => 'mine')
  a.die()
  t.equal(await waiting, 'mine')
  t.strictSame(gone, [a.number])
})

t.test('the answers of all others come together; one that dies, throws or has none gives none', async (t) => {
  const { workers } = fakeFleet(6)
  const [a, b, c, d, e, f] = workers as [FakeWorker, FakeWorker, FakeWorker, FakeWorker, FakeWorker, FakeWorker]
  b.peers.answer('overview', (question: number) => question + 1)
  c.peers.answer('overview', () => Promise.reject(new Error('no')))
  d.peers.answer('overview', () => new Promise(() => {}))
  f.peers.answer('overview', () => {
    throw new Error('at once')
  })
  const answers = a.peers.ask('overview', 41)
  await e.peers.sync()
  d.die()
  t.strictSame(
    (await answers).filter((value) => value !== undefined),
    [42],
  )
})

t.test('who is alone gets no answers, at once', async (t) => {
  const [only] = fakeFleet(1).workers
  t.strictSame(await only?.peers.ask('overview', 1), [])
})
