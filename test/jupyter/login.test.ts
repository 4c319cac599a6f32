import t from 'tap'
import { type Credential, credentialOf, proofIn } from '../../gateway/jupyter/login.ts'

const from = (path: string, headers: readonly string[] = [], query = '', method = 'GET') =>
  credentialOf({ method, path, query, headers })

t.test('a credential is what Jupyter takes for one', async (t) => {
  const one: Credential = { kind: 'token', tokens: ['one'] }
  t.same(from('lab', ['Authorization', 'token one']), one)
  t.same(from('lab', ['authorization', 'BEARER  one ']), one)
  t.same(from('lab', [], '?a=b&token=one'), one)
  t.same(from('lab', [], '?%74oken=one'), one, 'however it is written')
  t.same(from('lab', ['Authorization', 'token one'], '?token='), one)
  t.same(from('login', [], '', 'POST'), { kind: 'password' })
  t.same(from('anything', ['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8']), { kind: 'form' })
  t.same(from('anything', ['Content-Type', 'Multipart/Form-Data; boundary=x']), { kind: 'form' })
})

t.test('several tokens are one credential, whichever of them Jupyter takes', async (t) => {
  const both: Credential = { kind: 'token', tokens: ['two', 'one'] }
  t.same(from('lab', [], '?token=two&token=one'), both)
  t.same(from('lab', ['Authorization', 'token one'], '?token=two'), both)
  t.same(from('lab', ['Authorization', 'token one'], '?token=one'), { kind: 'token', tokens: ['one'] })
  // Python takes control characters for blanks, and the header then counts.
  t.same(from('lab', ['Authorization', 'token one'], '?token=%01'), { kind: 'token', tokens: ['\u0001', 'one'] })
})

t.test('a token is seen where Python alone sees one', async (t) => {
  t.match(from('lab', ['Authorization', 'token\x85one']), { kind: 'token', tokens: [/one$/] })
  t.same(from('a', ['Content-Type', 'application/x-www-form-urlencodedX'], '?token=one'), { kind: 'form' })
  t.equal(from('lab', ['Authorization', 'tokens one']), undefined)
})

t.test('cookies and other schemes are none, nor is the login page', async (t) => {
  t.equal(from('lab', ['Cookie', 'username-localhost=x; token=one']), undefined)
  t.equal(from('lab', ['Authorization', 'Basic dG9rZW46b25l']), undefined)
  t.equal(from('lab', ['Content-Type', 'application/json']), undefined)
  t.equal(from('login'), undefined)
})

const token: Credential = { kind: 'token', tokens: ['x'] }
const answer = (status: number, location?: string) => ({ status, location })
const own = (path: string) => ({ path, isForeign: false })
const foreign = (path: string) => ({ path, isForeign: true })

t.test('a password is right where Jupyter leads on', async (t) => {
  const login = own('login')
  t.equal(proofIn({ kind: 'password' }, login, answer(302, '/lab')), 'right')
  for (const status of [200, 401, 403]) t.equal(proofIn({ kind: 'password' }, login, answer(status)), 'wrong')
  t.equal(proofIn({ kind: 'password' }, login, answer(503)), 'unclear')
})

t.test('a token is right where guarded pages and API are answered', async (t) => {
  for (const path of ['api/kernels', 'api/contents/a/b.txt', 'api/me', 'lab', 'lab/tree/a', 'files/a.txt']) {
    t.equal(proofIn(token, own(path), answer(200)), 'right', path)
  }
  t.equal(proofIn(token, own('api/kernels/x/channels'), answer(101)), 'right')
  t.equal(proofIn(token, own('api/contents/a'), answer(304)), 'right')
})

// jupyter_server 2.21 answers all of these with a login cookie if the token is right, and else without.
t.test('a token is not right because a public page was shown, and every such guess counts', async (t) => {
  for (const [path, status] of [
    ['api', 200],
    ['login', 200],
    ['logout', 200],
    ['static/style.css', 200],
    ['lab/extensions/x/static/style.css', 200],
    ['api/contents/nothing-there', 404],
    ['api/kernels/x', 404],
    ['api/security/csp-report', 405],
  ] as const) {
    t.equal(proofIn(token, own(path), answer(status)), 'wrong', path)
  }
  t.equal(proofIn(token, own('lab'), answer(302, '/login?next=%2Flab')), 'wrong')
  for (const status of [401, 403]) t.equal(proofIn(token, own('api/kernels'), answer(status)), 'wrong')
})

t.test('what an extension takes for its own token counts only where it is refused', async (t) => {
  const form: Credential = { kind: 'form' }
  for (const credential of [token, form]) {
    for (const status of [200, 302, 400]) {
      t.equal(proofIn(credential, foreign('proxy/8080/x'), answer(status, '/there')), 'unclear', `${status}`)
    }
    for (const status of [401, 403, 404, 405]) {
      t.equal(proofIn(credential, foreign('nothing'), answer(status)), 'wrong', `${status}`)
    }
    t.equal(proofIn(credential, foreign('x'), answer(302, '/base/login?next=x')), 'wrong')
  }
})

t.test('a server in trouble proves nothing', async (t) => {
  for (const status of [500, 503, 429]) t.equal(proofIn(token, own('api/kernels'), answer(status)), 'unclear')
})
