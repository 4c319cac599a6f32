import t from 'tap'
import { isSame, sealSession, sessionEnd } from '../../gateway/admin/session.ts'

const token = 'an-operators-token'

t.test('a session holds until its end, and not a moment longer', async (t) => {
  const session = sealSession(token, 5_000)
  t.equal(sessionEnd(token, session, 4_999), 5_000)
  t.equal(sessionEnd(token, session, 5_000), undefined)
})

t.test('nobody makes one without the token, nor makes one longer', async (t) => {
  const session = sealSession(token, 5_000)
  t.equal(sessionEnd('another-operators-token', session, 0), undefined)
  const [until, chance, seal] = session.split('.')
  t.equal(sessionEnd(token, `9999.${chance}.${seal}`, 0), undefined)
  t.equal(sessionEnd(token, `${until}.${'a'.repeat(22)}.${seal}`, 0), undefined)
  for (const nonsense of ['', '.', '..', `${until}.${chance}.`, `${until}.${chance}`, `${session}.x`, `${session}=`]) {
    t.equal(sessionEnd(token, nonsense, 0), undefined, nonsense)
  }
})

t.test('no two are the same, and none tells the token', async (t) => {
  t.not(sealSession(token, 5_000), sealSession(token, 5_000))
  t.notMatch(sealSession(token, 5_000), token)
})

t.test('secrets of any length are compared', async (t) => {
  t.equal(isSame(token, token), true)
  for (const other of ['', 'a', `${token} `, token.toUpperCase()]) t.equal(isSame(other, token), false)
})
