import t, { type Test } from 'tap'
import { ms, seconds } from '../../gateway/config/units.ts'
import { createQuestions } from '../../gateway/control/questions.ts'
import { Backend } from '../../gateway/pool/backend.ts'
import { Clients } from '../../gateway/upstream/clients.ts'
import { rawBackend } from '../fakes/raw-backend.ts'

async function setUp(t: Test, token: string, status: number, probePath = 'api') {
  const heads: string[] = []
  const address = await rawBackend(t, async (connection) => {
    heads.push(await connection.head())
    connection.write(`HTTP/1.1 ${status} \r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]`)
  })
  const clients = new Clients({ connectTimeout: 5_000, onHandlerError: (error) => t.fail(String(error)) })
  t.teardown(() => clients.closeAll())
  const limits = { probeTimeout: ms(5_000), answerTimeout: ms(5_000) }
  const questions = createQuestions(clients, { baseUrl: '/base/', token, formerToken: '', probePath, ...limits })
  return { questions, heads, backend: new Backend(address, 0) }
}

t.test("a question of the gateway's own has its token and is no activity", async (t) => {
  const { questions, heads, backend } = await setUp(t, 'abc', 200)
  t.match(await questions.asGateway(backend, 'api/kernels'), { status: 200, body: Buffer.from('[]') })
  t.match(heads[0], 'GET /base/api/kernels?no_track_activity=1 HTTP/1.1\r\n')
  t.match(heads[0], '\r\nAuthorization: token abc\r\n')
})

t.test('the probe keeps the token to itself', async (t) => {
  const { questions, heads, backend } = await setUp(t, 'abc', 200)
  await questions.probe(backend)
  t.notMatch(heads[0], /abc/)
})

t.test('who gave no token and needs one is told so, and not that his token is wrong', async (t) => {
  for (const status of [401, 403]) {
    const { questions, heads, backend } = await setUp(t, '', status)
    await t.rejects(questions.asGateway(backend, 'api/kernels'), {
      name: 'SurveyRefused',
      message: `no token was given (--token-file or PYLI_TOKEN), and it answers ${status}`,
    })
    t.notMatch(heads[0], /authorization/i)
  }
  const wrong = await setUp(t, 'abc', 403)
  t.equal((await wrong.questions.asGateway(wrong.backend, 'api/kernels')).status, 403)
})

t.test('the probe path is below the base URL, unless it begins with a slash', async (t) => {
  for (const [path, target] of [
    ['api', '/base/api'],
    ['pyli/ready?x=1', '/base/pyli/ready?x=1'],
    ['/healthz', '/healthz'],
  ] as const) {
    const { questions, heads, backend } = await setUp(t, 'abc', 200, path)
    await questions.probe(backend)
    t.equal(heads[0]?.split(' ')[1], target)
  }
})

t.test('a backend is told to drain, and to stop doing so, with the token', async (t) => {
  for (const verdict of ['drain', 'restore'] as const) {
    const { questions, heads, backend } = await setUp(t, 'abc', 404)
    t.equal(await questions.tellDrain(backend, verdict), 404)
    t.equal(heads[0]?.split('\r\n', 1)[0], `POST /base/pyli/${verdict} HTTP/1.1`)
    t.match(heads[0], '\r\nAuthorization: token abc\r\n')
  }
})

t.test('a token that was renewed is used from the next question on', async (t) => {
  const { questions, heads, backend } = await setUp(t, 'abc', 200)
  questions.renew({ token: 'def', formerToken: '', answerTimeout: seconds(1) })
  await questions.asGateway(backend, 'api/kernels')
  t.match(heads[0], '\r\nAuthorization: token def\r\n')
})

/** A backend that takes one token alone, and which tokens it was shown. */
async function guarded(t: Test, right: string) {
  const shown: (string | undefined)[] = []
  const door = { right }
  const address = await rawBackend(t, async (connection) => {
    const [, token] = /\r\nAuthorization: token (\w+)\r\n/.exec(await connection.head()) ?? []
    shown.push(token)
    const status = token === door.right ? 200 : 403
    connection.write(`HTTP/1.1 ${status} \r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]`)
  })
  const clients = new Clients({ connectTimeout: 5_000, onHandlerError: (error) => t.fail(String(error)) })
  t.teardown(() => clients.closeAll())
  const times = { probeTimeout: ms(5_000), answerTimeout: ms(5_000) }
  const config = { baseUrl: '/', token: 'new', formerToken: 'old', probePath: 'api', ...times }
  const questions = createQuestions(clients, config)
  const backend = new Backend(address, 0)
  const ask = async () => (await questions.asGateway(backend, 'api/kernels')).status
  return { questions, backend, ask, shown, door, times }
}

t.test('a backend that drains with the former token is asked with it, and is not refused twice', async (t) => {
  const { questions, backend, ask, shown } = await guarded(t, 'old')
  t.equal(await ask(), 200)
  t.equal(await ask(), 200)
  t.equal(await questions.tellDrain(backend, 'drain'), 200)
  t.strictSame(shown, ['new', 'old', 'old', 'old'])
})

t.test('another process at its address may have the new one', async (t) => {
  const { ask, shown, door } = await guarded(t, 'old')
  await ask()
  door.right = 'new'
  t.equal(await ask(), 200)
  t.equal(await ask(), 200)
  t.strictSame(shown, ['new', 'old', 'old', 'new', 'new'])
})

t.test('a backend that takes neither refuses, and without a former token it is asked once', async (t) => {
  const { questions, ask, shown, times } = await guarded(t, 'third')
  t.equal(await ask(), 403)
  t.strictSame(shown, ['new', 'old'])
  questions.renew({ ...times, token: 'new', formerToken: '' })
  t.equal(await ask(), 403)
  t.strictSame(shown, ['new', 'old', 'new'])
})
