import t from 'tap'
import { seconds } from '../../gateway/config/units.ts'
import { type Attempt, LoginAttempts, type LoginNews } from '../../gateway/limits/login-attempts.ts'

const client = '192.0.2.1'

function attempts({ count = 3, clock = { now: 0 }, told = [] as LoginNews[] } = {}) {
  const limit = { count, time: seconds(60) }
  const logins = new LoginAttempts({ limit, now: () => clock.now, tell: (news) => void told.push(news) })
  /** An attempt that may be made, or the seconds until one may. */
  const guess = (token?: string, address = client) => logins.begin(address, token)
  const wrong = (token?: string, address = client) => {
    const attempt = guess(token, address)
    if (typeof attempt === 'number') return attempt
    attempt.wrong()
    return 'asked'
  }
  return { logins, guess, wrong, clock, told }
}

t.test('so many wrong guesses, then none until the first is old', async (t) => {
  const { wrong, clock } = attempts()
  for (const token of ['a', 'b']) t.equal(wrong(token), 'asked')
  clock.now = 30_000
  t.equal(wrong(), 'asked')
  t.equal(wrong('d'), 30)
  clock.now = 59_500
  t.equal(wrong('d'), 1)
  clock.now = 60_000
  t.equal(wrong('d'), 'asked')
  t.equal(wrong('e'), 'asked')
  t.equal(wrong('f'), 30, 'the password still counts')
})

t.test('passwords count each, as nobody looks at them', async (t) => {
  const { wrong } = attempts()
  t.same([wrong(), wrong(), wrong(), wrong()], ['asked', 'asked', 'asked', 60])
})

t.test('a forgotten tab with an old token is one guess, however often it asks', async (t) => {
  const { wrong } = attempts()
  for (let i = 0; i < 100; i++) t.equal(wrong('old'), 'asked')
  t.equal(wrong(), 'asked')
})

t.test('a thousand guesses at once do not pass before the first is answered', async (t) => {
  const { guess } = attempts()
  const passed = Array.from({ length: 1000 }, (_, i) => guess(`guess ${i}`)).filter((each) => typeof each !== 'number')
  t.equal(passed.length, 3)
})

t.test('while the many first requests of one page, with one token, do', async (t) => {
  const { guess, logins } = attempts({ count: 1 })
  const page = Array.from({ length: 20 }, () => guess('right'))
  for (const attempt of page) (attempt as Attempt).right()
  t.ok(logins.isKnown('right'))
})

t.test('a right guess is forgotten, and does not wash away the wrong ones', async (t) => {
  const { guess, wrong } = attempts()
  wrong('a')
  wrong('b')
  ;(guess('right') as Attempt).right()
  ;(guess() as Attempt).right()
  t.equal(wrong('c'), 'asked')
  t.equal(wrong('d'), 60)
})

t.test('a guess that nobody answered does not count', async (t) => {
  const { guess, wrong } = attempts({ count: 1 })
  for (const token of ['a', undefined, 'b']) (guess(token) as Attempt).unclear()
  t.equal(wrong('c'), 'asked')
  const late = guess('c')
  t.equal(typeof late, 'number')
})

t.test('what was found wrong stays so, whatever another answer leaves open', async (t) => {
  const { guess } = attempts({ count: 1 })
  const [first, second] = [guess('a') as Attempt, guess('a') as Attempt]
  first.wrong()
  second.unclear()
  t.equal(typeof guess('b'), 'number')
})

t.test('clients are counted apart, and a /64 of IPv6 is one', async (t) => {
  const { wrong } = attempts({ count: 2 })
  t.equal(wrong('a', '2001:db8:0:1::1'), 'asked')
  t.equal(wrong('b', '2001:db8:0:1:ffff::2'), 'asked')
  t.equal(wrong('c', '2001:db8:0:1::3'), 60)
  t.equal(wrong('c', '2001:db8:0:2::3'), 'asked')
  t.equal(wrong('c', client), 'asked')
})

t.test('what one process finds, all know; what they tell holds no token', async (t) => {
  const told: LoginNews[] = []
  const one = attempts({ told, count: 2 })
  const other = attempts({ count: 2 })
  one.wrong('hunter2')
  one.wrong()
  ;(attempts({ told }).guess('right') as Attempt).right()
  t.notMatch(JSON.stringify(told), /hunter2|"right":"right"/)
  for (const news of JSON.parse(JSON.stringify(told))) other.logins.hear(news)
  t.equal(other.wrong('c'), 60)
  t.ok(other.logins.isKnown('right'))
  t.notOk(other.logins.isKnown('hunter2'))
})

t.test('wrong passwords of several processes add up', async (t) => {
  const told: LoginNews[] = []
  const [one, two] = [attempts({ told }), attempts({ told })]
  one.wrong()
  two.wrong()
  const third = attempts({ count: 2 })
  for (const news of told) third.logins.hear(news)
  t.equal(third.wrong(), 60)
})

t.test('the gateway’s own token is known from the start, and an empty one is none', async (t) => {
  const { logins } = attempts()
  logins.know('')
  t.notOk(logins.isKnown(''))
  logins.know('own')
  t.ok(logins.isKnown('own'))
})

t.test('with another token of the gateway, what was right before must prove itself again', async (t) => {
  const { logins } = attempts()
  logins.know('old')
  logins.know('new')
  t.notOk(logins.isKnown('old'))
  t.ok(logins.isKnown('new'))
})

t.test('off, everybody may guess', async (t) => {
  const logins = new LoginAttempts({ limit: 'off', now: () => 0, tell: () => t.fail('nothing to tell') })
  for (let i = 0; i < 100; i++) {
    const attempt = logins.begin(client, undefined)
    if (typeof attempt === 'number') t.fail('refused')
    else attempt.wrong()
  }
})

t.test('the former token is known beside the present one, and not having one takes nothing away', async (t) => {
  const { logins } = attempts()
  logins.know('present', 'former')
  t.ok(logins.isKnown('present') && logins.isKnown('former'))
  logins.know('present', '')
  t.ok(logins.isKnown('present'))
  t.notOk(logins.isKnown('former'))
})
