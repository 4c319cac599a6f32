import t from 'tap'
import { startCluster } from './support/cluster.ts'

const cluster = await startCluster(t, { servers: 1, flags: ['--login-attempts', '3/1m', '--trust', 'loopback'] })
const { url, token } = cluster

/** As a client whose address a proxy tells. */
function from(address: string) {
  const ask = (path: string, init: RequestInit = {}) => {
    const headers = { 'X-Forwarded-For': address, ...init.headers }
    return fetch(`${url}${path}`, { redirect: 'manual', ...init, headers })
  }
  /** As the form does it, with the token that its page came with. */
  const logIn = async (password: string) => {
    const [xsrf = ''] = /_xsrf=[^;]+/.exec((await ask('login')).headers.get('set-cookie') ?? '') ?? []
    const form = new URLSearchParams({ password, _xsrf: xsrf.slice('_xsrf='.length) })
    return ask('login', { method: 'POST', body: form, headers: { Cookie: xsrf } })
  }
  return { ask, logIn }
}

/** The login cookie, by the name that our configuration gives it; empty where there is none. */
const login = (response: Response) => /jupyter-login=[^;]+/.exec(response.headers.get('set-cookie') ?? '')?.[0] ?? ''

t.test('wrong passwords at a real server are 429 after the limit, and the right one is let in before', async (t) => {
  const { ask, logIn } = from('2001:db8::1')
  const right = await logIn(token)
  t.equal(right.status, 302)
  t.match(login(right), /^jupyter-login=/)
  for (const password of ['a', 'b', 'c']) t.equal((await logIn(password)).status, 401)
  const refused = await logIn(token)
  t.equal(refused.status, 429)
  t.match(refused.headers.get('retry-after'), /^\d+$/)
  t.equal((await ask('api/kernels', { headers: { Cookie: login(right) } })).status, 200, 'who is logged in works on')
  t.equal((await ask(`lab?token=${token}`)).status, 200)
  t.equal((await from('2001:db8:0:1::1').logIn(token)).status, 302, 'others do not notice')
})

t.test('a real server’s public pages are no oracle for tokens', async (t) => {
  const pages = ['api', 'login', 'static/favicon.ico', 'nothing-here', 'api/kernels/x', 'api/contents/nothing']
  for (const [i, page] of pages.entries()) {
    const { ask } = from(`192.0.2.${i}`)
    t.match(login(await ask(`${page}?token=${token}`)), /^jupyter-login=/, `${page} tells a right token`)
    for (const guess of ['a', 'b', 'c']) t.not((await ask(`${page}?token=${guess}`)).status, 429)
    t.equal((await ask(`${page}?token=d`)).status, 429, page)
  }
})

t.test('what a real server tells of a right token is seen: a page with another one works on', async (t) => {
  const { ask } = from('192.0.2.100')
  for (let i = 0; i < 3; i++) await ask(`api/kernels?token=wrong-${i}`)
  t.equal((await ask('api/kernels?token=wrong-3')).status, 429)
  t.equal((await ask('api/kernels', { headers: { Authorization: `Bearer ${token}` } })).status, 200)
})
