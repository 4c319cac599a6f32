import t from 'tap'
import { markName } from '../../gateway/jupyter/alias.ts'
import type { Model } from '../../gateway/jupyter/models.ts'
import { Owners } from '../../gateway/jupyter/owners.ts'
import { Survey, SurveyRefused } from '../../gateway/jupyter/survey.ts'
import { Backend } from '../../gateway/pool/backend.ts'
import { nextTurn, refusal } from '../fakes/fake-cluster.ts'

interface Question {
  readonly path: string
  answer(entries: readonly Model[]): Promise<void>
  answerRaw(status: number, body: string): Promise<void>
  fail(error: Error): Promise<void>
}

/** A survey whose questions are answered by the test, one by one and when it likes. */
function setUp() {
  const questions: Question[] = []
  const clock = { now: 0 }
  const owners = new Owners()
  const ask = (_: Backend, path: string): Promise<{ status: number; body: Buffer }> => {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: Buffer }>()
    const answerRaw = (status: number, body: string) => {
      resolve({ status, body: Buffer.from(body) })
      return nextTurn()
    }
    const fail = (error: Error) => {
      reject(error)
      return nextTurn()
    }
    questions.push({ path, answerRaw, fail, answer: (entries) => answerRaw(200, JSON.stringify(entries)) })
    return promise
  }
  const survey = new Survey({ ask, owners, now: () => clock.now, maxAge: 1_000 })
  const backend = new Backend({ host: '10.0.0.1', port: 8888 }, 0)
  return { survey, backend, questions, clock, owners }
}

const k = (id: string): Model => ({ id, name: 'python3' })
const ids = (listing: { entries: readonly Model[] } | undefined) => listing?.entries.map(({ id }) => id)

t.test('100 callers at once cost one question', async (t) => {
  const { survey, backend, questions } = setUp()
  const callers = Array.from({ length: 100 }, () => survey.list(backend, 'kernels', 'recent'))
  t.equal(questions.length, 1)
  t.equal(questions[0]?.path, 'api/kernels')
  await questions[0]?.answer([k('1')])
  for (const listing of await Promise.all(callers)) t.same(ids(listing), ['1'])
  t.equal(questions.length, 1)
})

t.test('a list is kept for the maximal age and asked anew after it', async (t) => {
  const { survey, backend, questions, clock } = setUp()
  const first = survey.list(backend, 'kernels', 'recent')
  await questions[0]?.answer([k('1')])
  await first
  clock.now = 1_000
  t.same(ids(await survey.list(backend, 'kernels', 'recent')), ['1'])
  t.equal(questions.length, 1)
  clock.now = 1_001
  const later = survey.list(backend, 'kernels', 'recent')
  t.equal(questions.length, 2)
  await questions[1]?.answer([])
  t.same(ids(await later), [])
})

t.test('its age counts from the question, not from a late answer', async (t) => {
  const { survey, backend, questions, clock } = setUp()
  const first = survey.list(backend, 'kernels', 'recent')
  clock.now = 900
  await questions[0]?.answer([k('1')])
  await first
  clock.now = 1_500
  void survey.list(backend, 'kernels', 'recent')
  t.equal(questions.length, 2)
})

t.test('a change makes what is known old at once', async (t) => {
  const { survey, backend, questions } = setUp()
  const first = survey.list(backend, 'kernels', 'recent')
  await questions[0]?.answer([])
  await first
  survey.changed(backend)
  const second = survey.list(backend, 'kernels', 'recent')
  t.equal(questions.length, 2)
  await questions[1]?.answer([k('new')])
  t.same(ids(await second), ['new'])
})

t.test('a change also makes old what is being asked: those who come after it get the next answer', async (t) => {
  const { survey, backend, questions } = setUp()
  const before = survey.list(backend, 'kernels', 'recent')
  survey.changed(backend)
  const after = survey.list(backend, 'kernels', 'recent')
  const alsoAfter = survey.list(backend, 'kernels', 'recent')
  await questions[0]?.answer([])
  t.same(ids(await before), [])
  t.equal(questions.length, 2, 'one more for both')
  await questions[1]?.answer([k('new')])
  t.same(ids(await after), ['new'])
  t.same(ids(await alsoAfter), ['new'])
})

t.test('a change in one backend leaves the lists of the others recent', async (t) => {
  const { survey, backend, questions } = setUp()
  const other = new Backend({ host: '10.0.0.2', port: 8888 }, 0)
  const first = survey.list(other, 'kernels', 'recent')
  await questions[0]?.answer([])
  await first
  survey.changed(backend)
  await survey.list(other, 'kernels', 'recent')
  t.equal(questions.length, 1)
})

t.test('now never returns what was asked before the call', async (t) => {
  const { survey, backend, questions } = setUp()
  const early = survey.list(backend, 'sessions', 'recent')
  const now = survey.list(backend, 'sessions', 'now')
  await questions[0]?.answer([])
  t.same(ids(await early), [])
  await questions[1]?.answer([{ id: 's', path: 'a' }])
  t.same(ids(await now), ['s'])
  const again = survey.list(backend, 'sessions', 'now')
  t.equal(questions.length, 3, 'nor what is a moment old')
  await questions[2]?.answer([])
  t.same(ids(await again), [])
})

t.test('all who ask now while one question is under way share the next one', async (t) => {
  const { survey, backend, questions } = setUp()
  void survey.list(backend, 'sessions', 'recent')
  const callers = Array.from({ length: 50 }, () => survey.list(backend, 'sessions', 'now'))
  await questions[0]?.answer([])
  t.equal(questions.length, 2)
  await questions[1]?.answer([{ id: 's', path: 'a' }])
  for (const listing of await Promise.all(callers)) t.same(ids(listing), ['s'])
  t.equal(questions.length, 2)
})

t.test('an answer that a change overtook does not erase what the change made', async (t) => {
  const { survey, backend, questions, owners } = setUp()
  const first = survey.list(backend, 'kernels', 'recent')
  await questions[0]?.answer([k('old')])
  await first
  survey.changed(backend)
  const slow = survey.list(backend, 'kernels', 'recent')
  // Its answer was made before the POST, and arrives after it.
  survey.has(backend, 'kernels', k('created'))
  await questions[1]?.answer([k('old')])
  await slow
  t.equal(owners.get('kernels', 'created')?.backend, backend)
  t.equal(backend.carries, 2)
})

t.test(
  'an answer that a change overtook counts what it tells of kernels, and what is learnt again counts once',
  async (t) => {
    const { survey, backend, questions } = setUp()
    const slow = survey.list(backend, 'kernels', 'recent')
    survey.changed(backend)
    await questions[0]?.answer([k('another gateway'), k('ours')])
    await slow
    t.equal(backend.carries, 2)
    survey.has(backend, 'kernels', k('ours'))
    t.equal(backend.carries, 2)
    survey.hasNot(backend, 'kernels', 'ours')
    t.equal(backend.carries, 1)
  },
)

t.test('nor does an overtaken answer that lacks something known before', async (t) => {
  const { survey, backend, questions, owners } = setUp()
  const first = survey.list(backend, 'kernels', 'recent')
  await questions[0]?.answer([k('a')])
  await first
  survey.changed(backend)
  const slow = survey.list(backend, 'kernels', 'recent')
  survey.changed(backend)
  await questions[1]?.answer([])
  await slow
  t.equal(owners.get('kernels', 'a')?.backend, backend)
})

t.test('an answer in time teaches who owns what, takes away what is gone, and counts the kernels', async (t) => {
  const { survey, backend, questions, owners, clock } = setUp()
  const first = survey.list(backend, 'kernels', 'recent')
  await questions[0]?.answer([k('a'), k('b')])
  await first
  t.equal(owners.get('kernels', 'a')?.backend, backend)
  t.equal(backend.carries, 2)
  clock.now = 5_000
  const second = survey.list(backend, 'kernels', 'recent')
  await questions[1]?.answer([k('b')])
  await second
  t.equal(owners.get('kernels', 'a'), undefined)
  t.equal(owners.get('kernels', 'b')?.backend, backend)
  t.equal(backend.carries, 1)
})

t.test('a question that fails is told to all who wait, and the next call asks again', async (t) => {
  const { survey, backend, questions } = setUp()
  const waiting = [survey.list(backend, 'kernels', 'recent'), survey.list(backend, 'kernels', 'recent')]
  const told = Promise.allSettled(waiting)
  await questions[0]?.fail(refusal())
  for (const { status } of await told) t.equal(status, 'rejected')
  const again = survey.list(backend, 'kernels', 'recent')
  t.equal(questions.length, 2)
  await questions[1]?.answer([k('1')])
  t.same(ids(await again), ['1'])
})

t.test('those who share the next question ask it also when the one before fails', async (t) => {
  const { survey, backend, questions } = setUp()
  const first = survey.list(backend, 'kernels', 'recent').catch(() => 'failed')
  const now = survey.list(backend, 'kernels', 'now')
  await questions[0]?.fail(refusal())
  t.equal(await first, 'failed')
  await questions[1]?.answer([k('1')])
  t.same(ids(await now), ['1'])
})

t.test('the last list stays known when the next question fails', async (t) => {
  const { survey, backend, questions, clock } = setUp()
  const first = survey.list(backend, 'kernels', 'recent')
  await questions[0]?.answer([k('1')])
  await first
  clock.now = 5_000
  const second = survey.list(backend, 'kernels', 'recent').catch(() => undefined)
  await questions[1]?.fail(refusal())
  await second
  t.same(ids(survey.last(backend, 'kernels')), ['1'])
  t.equal(backend.carries, 1)
})

t.test('a server without terminals has none', async (t) => {
  const { survey, backend, questions } = setUp()
  const list = survey.list(backend, 'terminals', 'recent')
  await questions[0]?.answerRaw(404, '{"message":"Not Found"}')
  t.same((await list).entries, [])
})

t.test('a 404 to anything else is no empty list', async (t) => {
  for (const kind of ['kernels', 'sessions'] as const) {
    const { survey, backend, questions } = setUp()
    const list = survey.list(backend, kind, 'recent')
    void questions[0]?.answerRaw(404, '{"message":"Not Found"}')
    await t.rejects(list, SurveyRefused)
  }
})

t.test('a token that is refused is told as such, and so is an answer that is no list', async (t) => {
  for (const [status, body] of [
    [403, '{"message":"Forbidden"}'],
    [401, ''],
    [302, ''],
    [200, '<html>login</html>'],
    [200, '{"kernels":[]}'],
    [500, '[]'],
  ] as const) {
    const { survey, backend, questions } = setUp()
    const list = survey.list(backend, 'kernels', 'recent')
    void questions[0]?.answerRaw(status, body)
    await t.rejects(list, SurveyRefused, `${status} ${body}`)
    t.equal(survey.last(backend, 'kernels'), undefined)
  }
})

t.test('nobody listening is remembered until somebody answers', async (t) => {
  const { survey, backend, questions } = setUp()
  const first = survey.list(backend, 'kernels', 'recent').catch(() => undefined)
  await questions[0]?.fail(refusal())
  await first
  t.equal(survey.wasRefused(backend), true)
  const second = survey.list(backend, 'kernels', 'recent')
  await questions[1]?.answer([])
  await second
  t.equal(survey.wasRefused(backend), false)
})

t.test('what is forgotten stays so when a late answer comes', async (t) => {
  const { survey, backend, questions, owners } = setUp()
  const late = survey.list(backend, 'kernels', 'recent')
  survey.forget(backend)
  await questions[0]?.answer([k('1')])
  await late
  t.equal(survey.last(backend, 'kernels'), undefined)
  t.equal(owners.get('kernels', '1'), undefined)
  t.equal(backend.carries, 0)
})

t.test('of a moved session and the one it replaces the moved one is the owner, whoever answers first', async (t) => {
  const original = { id: 'a-a-a-a-a', path: 'x', name: 'x' }
  const moved = { id: 'b-b-b-b-b', path: 'x', name: markName('x', 'a-a-a-a-a') }
  for (const order of ['original first', 'moved first']) {
    const { survey, backend: from, questions, owners } = setUp()
    const to = new Backend({ host: '10.0.0.2', port: 8888 }, 0)
    const lists = [survey.list(from, 'sessions', 'recent'), survey.list(to, 'sessions', 'recent')]
    const answers = [() => questions[0]?.answer([original]), () => questions[1]?.answer([moved])]
    for (const answer of order === 'original first' ? answers : answers.reverse()) await answer()
    await Promise.all(lists)
    t.strictSame(owners.get('sessions', 'a-a-a-a-a'), { backend: to, localId: 'b-b-b-b-b', toldBy: 'survey' }, order)
  }
})

t.test('when the replaced session ends, the moved one keeps its owner', async (t) => {
  const { survey, backend: from, questions, owners, clock } = setUp()
  const to = new Backend({ host: '10.0.0.2', port: 8888 }, 0)
  const lists = [survey.list(from, 'sessions', 'recent'), survey.list(to, 'sessions', 'recent')]
  await questions[0]?.answer([{ id: 'a-a-a-a-a', path: 'x', name: 'x' }])
  await questions[1]?.answer([{ id: 'b-b-b-b-b', path: 'x', name: markName('x', 'a-a-a-a-a') }])
  await Promise.all(lists)
  clock.now = 5_000
  const ended = survey.list(from, 'sessions', 'recent')
  await questions[2]?.answer([])
  await ended
  t.equal(owners.get('sessions', 'a-a-a-a-a')?.backend, to)
})
