import t, { type Test } from 'tap'
import type { Surroundings } from '../../gateway/gateway.ts'
import { alone, type Peers } from '../../gateway/workers/peers.ts'
import { ask, handshake, type RawAnswer, request } from './support/client.ts'
import { strictGateway } from './support/gateway.ts'
import { asJupyter, jupyterBackend, type Script } from './support/jupyter-backend.ts'
import { logLines } from './support/log-lines.ts'

const empty = (statusLine: string, headers = '') => `HTTP/1.1 ${statusLine}\r\n${headers}Content-Length: 0\r\n\r\n`

/** As jupyter_server: a form at /login, public pages, and all others for those alone who have the token. */
const withLogin: Script = (asked, jupyter) => {
  const { method, target, body, head, connection } = asked
  if (method === 'POST' && target === '/login') {
    return connection.write(
      body === 'password=right' ? empty('302 Found', 'Location: /lab\r\n') : empty('401 Unauthorized'),
    )
  }
  if (target.startsWith('/static/') || target.startsWith('/login')) return connection.write(empty('200 OK'))
  if (!target.startsWith('/lab')) return asJupyter(asked, jupyter)
  const isRight = /token[ =](?:right|another)/.test(target + head) || /cookie: username-a=signed/i.test(head)
  connection.write(isRight ? empty('200 OK') : empty('302 Found', 'Location: /login?next=%2Flab\r\n'))
}

async function setUp(t: Test, attempts = '2/1m', surroundings: Partial<Surroundings> = {}) {
  const backend = await jupyterBackend(t, 'a', withLogin)
  backend.jupyter.token = 'right'
  const lines = logLines()
  const gateway = await strictGateway(t, [backend], {
    flags: ['--login-attempts', attempts, '--trust', 'loopback'],
    log: lines.log,
    token: 'right',
    surroundings,
  })
  /** Each from an address that the proxy names. */
  const from = (address: string) => {
    const send = (method: string, target: string, headers: readonly string[] = [], body = '') =>
      ask(gateway.connect(), request(method, target, [`X-Forwarded-For: ${address}`, ...headers], body))
    return {
      send,
      logIn: (password: string) => send('POST', '/login', [], `password=${password}`),
      withToken: (token: string, target = '/api/status') => send('GET', target, [`Authorization: token ${token}`]),
    }
  }
  return { backend, gateway, lines, from }
}

const retryAfter = ({ head }: RawAnswer) => Number(/^retry-after: (\d+)\r$/im.exec(head)?.[1])
const statuses = (answers: readonly RawAnswer[]) => answers.map(({ status }) => status)

t.test('wrong passwords beyond the limit are 429 with when to come again, and no backend is asked', async (t) => {
  const { from, backend, lines } = await setUp(t)
  const { logIn, send } = from('192.0.2.1')
  t.same(statuses([await logIn('a'), await logIn('b')]), [401, 401])
  const asked = backend.asked.length
  const refused = await logIn('right')
  t.equal(refused.status, 429)
  t.ok(retryAfter(refused) > 50 && retryAfter(refused) <= 60)
  t.match(JSON.parse(refused.body).message, /wrong/)
  t.match(await send('POST', '/login', ['Accept: text/html'], 'password=c'), { status: 429, body: /<h1>/ })
  t.equal(backend.asked.length, asked)
  t.match(lines.of('too-many-logins'), [{ client: '192.0.2.1' }, { status: 429 }])
  t.equal((await send('GET', '/login')).status, 200, 'the form itself is shown')
  t.equal((await from('192.0.2.2').logIn('right')).status, 302, 'to others nothing happens')
})

t.test('a /64 of IPv6 is one guesser', async (t) => {
  const { from } = await setUp(t)
  const answers = [
    await from('2001:db8:0:1::1').logIn('a'),
    await from('2001:db8:0:1:ffff::2').withToken('b'),
    await from('2001:db8:0:1::3').logIn('c'),
    await from('2001:db8:0:2::3').logIn('c'),
  ]
  t.same(statuses(answers), [401, 403, 429, 401])
})

t.test('wrong tokens count wherever they stand, on public pages and in forms too', async (t) => {
  const guesses: readonly (readonly [string, string, (readonly string[])?, string?])[] = [
    ['GET', '/api/kernels?token=guess'],
    ['GET', '/api/kernels', ['Authorization: Bearer guess']],
    ['GET', '/lab?token=guess'],
    ['GET', '/login?token=guess'],
    ['GET', '/static/style.css?token=guess'],
    ['GET', '/api?%74oken=guess'],
    ['GET', '/api/kernels/00000000-0000-4000-8000-000000000000?token=guess'],
    ['POST', '/api/contents', ['Content-Type: application/x-www-form-urlencoded'], 'token=guess'],
  ]
  const { from } = await setUp(t)
  for (const [i, [method, target, headers, body]] of guesses.entries()) {
    const { send, logIn } = from(`192.0.2.${i}`)
    const one = (text: string) => text.replace('guess', `guess-1`)
    const two = (text: string) => text.replace('guess', `guess-2`)
    for (const number of [one, two]) await send(method, number(target), headers?.map(number), body && number(body))
    t.equal((await logIn('c')).status, 429, target)
  }
})

// As jupyter_server 2.21 with Tornado 6.6 was seen to read them: each of these guesses is heard there.
t.test('a guess is none the less one for what stands beside it', async (t) => {
  const form = (type: string) => [`Content-Type: ${type}`]
  const guesses: readonly (readonly [string, string, readonly string[], string?])[] = [
    ['GET', '/api/contents?token=always', form('application/x-www-form-urlencoded'), 'token=guess'],
    ['POST', '/api/contents', ['Authorization: token always', ...form('multipart/form-data; boundary=x')], 'guess'],
    ['GET', '/api/contents', form('application/x-www-form-urlencodedX'), 'token=guess'],
    ['GET', '/api/kernels?token=%01', ['Authorization: token guess']],
    ['GET', '/api/kernels?token=%C2%85', ['Authorization: token guess']],
    ['GET', '/api/kernels', ['Authorization: token\x85guess']],
  ]
  const { from } = await setUp(t)
  for (const [i, [method, target, headers, body]] of guesses.entries()) {
    const { send, logIn } = from(`192.0.2.${i}`)
    for (const number of ['1', '2']) {
      const numbered = (text: string) => text.replace('guess', `guess-${number}`)
      await send(method, target, headers.map(numbered), body && numbered(body))
    }
    t.equal((await logIn('c')).status, 429, `${target} ${headers}`)
  }
})

t.test('a WebSocket is no way around it', async (t) => {
  const { from, gateway } = await setUp(t)
  const target = (token: string) => `/api/kernels/00000000-0000-4000-8000-000000000000/channels?token=${token}`
  for (const token of ['a', 'b']) await ask(gateway.connect(), handshake(target(token), ['X-Forwarded-For: 192.0.2.1']))
  t.equal((await from('192.0.2.1').logIn('c')).status, 429)
})

t.test(
  'over the limit, who has logged in works on: with the cookie, the own token or one seen right before',
  async (t) => {
    const { from } = await setUp(t)
    const { logIn, send, withToken } = from('192.0.2.1')
    for (const password of ['a', 'b']) await logIn(password)
    t.equal((await logIn('c')).status, 429)
    t.equal((await send('GET', '/lab', ['Cookie: username-a=signed'])).status, 200)
    t.equal((await withToken('right')).status, 200)
    t.equal((await send('GET', '/lab?token=right')).status, 200)
    // A server may know further tokens. A public page proves none.
    t.equal((await from('192.0.2.2').withToken('another', '/static/style.css')).status, 200)
    t.equal((await withToken('another', '/lab')).status, 429)
    t.equal((await from('192.0.2.2').withToken('another', '/lab')).status, 200)
    t.equal((await withToken('another', '/lab')).status, 200)
  },
)

t.test('a success washes nothing away', async (t) => {
  const { from } = await setUp(t)
  const { logIn } = from('192.0.2.1')
  t.same(
    statuses([await logIn('a'), await logIn('right'), await logIn('b'), await logIn('right')]),
    [401, 302, 401, 429],
  )
})

t.test('a tab with an old token may ask for ever, and its owner log in', async (t) => {
  const { from } = await setUp(t)
  const { logIn, withToken } = from('192.0.2.1')
  for (let i = 0; i < 5; i++) t.equal((await withToken('old')).status, 403)
  t.equal((await logIn('right')).status, 302)
})

t.test('--login-attempts off counts nothing', async (t) => {
  const { logIn } = (await setUp(t, 'off')).from('192.0.2.1')
  for (let i = 0; i < 20; i++) t.equal((await logIn('a')).status, 401)
})

t.test('workers tell each other of wrong guesses and of right ones, and no secret', async (t) => {
  const told: unknown[] = []
  const hearing: ((news: never) => void)[] = []
  const peers: Peers = {
    ...alone(),
    tell: (topic, news) => void (topic === 'logins' && told.push(news)),
    hear: (topic, listener) => void (topic === 'logins' && hearing.push(listener as (news: never) => void)),
  }
  const { from } = await setUp(t, '1/1m', { peers })
  const { logIn, withToken } = from('2001:db8::1')
  await withToken('another', '/lab')
  await logIn('hunter2')
  t.match(told, [{ right: String }, { wrong: '2001:db8:0:0::/64' }])
  t.notMatch(JSON.stringify(told), /hunter2|another/)

  const second = await setUp(t, '1/1m', { peers })
  for (const news of JSON.parse(JSON.stringify(told))) hearing[1]?.(news as never)
  t.equal((await second.from('2001:db8::2').logIn('b')).status, 429)
  t.equal((await second.from('2001:db8::2').withToken('another', '/lab')).status, 200)
})
