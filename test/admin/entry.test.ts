import t from 'tap'
import { Entry } from '../../gateway/admin/entry.ts'
import { sessionLife } from '../../gateway/admin/session.ts'
import { minutes } from '../../gateway/config/units.ts'
import { createLog } from '../../gateway/observe/log.ts'

const token = 'an-operators-token'
const host = '127.0.0.1:9090'

function setUp(adminToken: string | undefined = token, destination?: { write(line: string): void }) {
  const clock = { now: 0 }
  const config = { adminToken, allowHosts: [], loginAttempts: { count: 3, time: minutes(1) } }
  const log = destination ? createLog('json', destination) : createLog('off')
  const entry = new Entry({ config, log, now: () => clock.now, date: () => 1_000_000 + clock.now })
  const caller = (headers: Record<string, string> = {}, address = '192.0.2.7') => ({
    headers: { host, ...headers },
    address,
  })
  const bearer = (given: string, address?: string) => entry.admit(caller({ authorization: `Bearer ${given}` }, address))
  const cookie = (session: string) => entry.admit(caller({ cookie: `a=1; pyli-operator=${session}` }))
  const login = (given: string, address?: string) => entry.login(caller({ origin: `http://${host}` }, address), given)
  return { entry, clock, config, caller, bearer, cookie, login }
}

t.test('a program is let in by the token, and nobody without', async (t) => {
  const { entry, caller, bearer } = setUp()
  t.match(bearer(token), { until: Number.POSITIVE_INFINITY })
  t.match(bearer('wrong'), { refused: 401 })
  t.match(entry.admit(caller()), { refused: 401 })
  t.match(entry.admit(caller({ authorization: `Basic ${token}` })), { refused: 401 })
})

t.test('who has logged in stays so until the session ends', async (t) => {
  const { login, cookie, clock } = setUp()
  const { session } = login(token) as { session: string }
  t.match(cookie(session), { until: 1_000_000 + sessionLife })
  clock.now = sessionLife
  t.match(cookie(session), { refused: 401 })
})

t.test('a restarted gateway knows the sessions that began before, another token ends them', async (t) => {
  const { session } = setUp().login(token) as { session: string }
  const { cookie, entry, config } = setUp()
  t.notMatch(cookie(session), { refused: 401 })
  entry.renew({ ...config, adminToken: 'another-operators-token' })
  t.match(cookie(session), { refused: 401 })
})

t.test('after a few wrong tokens no further one is looked at, from that address and for a time', async (t) => {
  const { login, bearer, clock } = setUp()
  for (const guess of ['a', 'b']) t.match(login(guess), { refused: 401 })
  t.match(bearer('c'), { refused: 401 })
  t.match(login('d'), { refused: 429, retryAfter: 60 })
  t.match(bearer('d'), { refused: 429 })
  t.match(login(token), { refused: 429 }, 'not even the right one, or a guesser would go on')
  t.notMatch(login(token, '192.0.2.8'), { refused: 429 }, 'who comes from elsewhere is none of that')
  clock.now = 60_000
  t.match(login(token), { until: Number })
})

t.test('the right token is no guess, however often it is used', async (t) => {
  const { login, bearer } = setUp()
  for (let turn = 0; turn < 5; turn++) {
    login(token)
    bearer(token)
  }
  for (const guess of ['a', 'b', 'c']) t.match(login(guess), { refused: 401 })
})

t.test('who is logged in does not feel the guesses of others behind the same address', async (t) => {
  const { login, cookie } = setUp()
  const { session } = login(token) as { session: string }
  for (const guess of ['a', 'b', 'c', 'd']) login(guess)
  t.match(cookie(session), { until: Number })
})

t.test('a page of another origin gets nothing, with cookie or with token', async (t) => {
  const { entry, caller, login } = setUp()
  const { session } = login(token) as { session: string }
  const from = { cookie: `pyli-operator=${session}`, origin: 'http://127.0.0.1:8888' }
  t.match(entry.admit(caller(from)), { refused: 403 })
  t.match(entry.login(caller({ origin: 'http://evil.example' }), token), { refused: 403 })
  t.match(entry.admit(caller({ ...from, origin: `http://${host}`, 'sec-fetch-site': 'cross-site' })), { refused: 403 })
})

t.test('a browser that was led here by a foreign name gets nothing; a program may use any name', async (t) => {
  const { entry, caller } = setUp()
  const rebound = { host: 'evil.example:9090', origin: 'http://evil.example:9090', 'sec-fetch-site': 'same-origin' }
  t.match(entry.login(caller(rebound), token), { refused: 403, message: /--allow-host/ })
  const reads = { host: 'evil.example:9090', 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' }
  t.match(entry.admit(caller(reads)), { refused: 403 }, 'a page that reads says nothing of where it is from')
  const program = { host: 'ops.example:9090', authorization: `Bearer ${token}` }
  t.match(entry.admit(caller(program)), { until: Number.POSITIVE_INFINITY })
})

t.test('without a token it is as open as its listener, but for pages of others', async (t) => {
  const { entry, caller } = setUp('')
  entry.renew({ adminToken: undefined, allowHosts: [], loginAttempts: 'off' })
  t.equal(entry.isGuarded, false)
  t.match(entry.admit(caller()), { until: Number.POSITIVE_INFINITY })
  t.match(entry.admit(caller({ origin: 'http://evil.example' })), { refused: 403 })
  t.match(entry.admit(caller({ host: 'evil.example', origin: 'http://evil.example' })), { refused: 403 })
})

t.test('the log tells who guesses, and no token', async (t) => {
  const lines: string[] = []
  const { login } = setUp(token, { write: (line) => void lines.push(line) })
  login('a-wrong-guess')
  login(token)
  t.match(lines.join(''), /"client":"192.0.2.7".*a wrong admin token[\s\S]*an operator has logged in/)
  t.notMatch(lines.join(''), /a-wrong-guess|an-operators-token/)
})
