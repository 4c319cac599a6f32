import t from 'tap'
import { Backend } from '../../gateway/pool/backend.ts'
import { Pins } from '../../gateway/request/pins.ts'

const backends = [1, 2, 3].map((n) => new Backend({ host: `10.0.0.${n}`, port: 8888 }, 0)) as [
  Backend,
  Backend,
  Backend,
]
const [first, second] = backends
const pins = new Pins({ token: 'secret', baseUrl: '/' })
const pairOf = (cookie: string) => cookie.split(';', 1)[0] as string
const read = (...cookies: string[]) =>
  pins.read(
    cookies.flatMap((cookie) => ['Cookie', cookie]),
    backends,
  )
const pinTo = (backend: Backend) => pairOf(pins.cookie(backend, { encrypted: true }))

t.test('a cookie names the backend it was made for', async (t) => {
  for (const backend of backends) t.equal(read(pinTo(backend)), backend)
})

t.test('it is found among others, in one header or several', async (t) => {
  t.equal(read(`a=1; ${pinTo(second)}; b=2`), second)
  t.equal(read('a=1', `b=2;${pinTo(second)}`), second)
  t.equal(read(`pyli-backend=; ${pinTo(second)}`), second)
})

t.test('gateways with one token agree, those with another do not', async (t) => {
  const same = new Pins({ token: 'secret', baseUrl: '/' })
  const other = new Pins({ token: 'another', baseUrl: '/' })
  t.equal(same.read(['cookie', pinTo(first)], backends), first)
  t.equal(other.read(['cookie', pinTo(first)], backends), undefined)
})

t.test('a forged cookie is ignored', async (t) => {
  const [name, value = ''] = pinTo(first).split('=')
  const [digest, signature] = value.split('.')
  const [, otherSignature] = pinTo(second).split('.')
  const forged = [
    `${name}=`,
    `${name}`,
    `${name}=10.0.0.1:8888`,
    `${name}=${digest}`,
    `${name}=${digest}.`,
    `${name}=${digest}.${otherSignature}`,
    `${name}=${digest}.${signature?.slice(0, -1)}`,
    `${name}=${value}x`,
    `${name}=${value.toUpperCase()}`,
    `x${name}=${value}`,
    `${name}=${'é'.repeat(value.length)}`,
    `${name}=${'\u00ff'.repeat(value.length)}`,
  ]
  for (const cookie of forged) t.equal(read(cookie), undefined, cookie)
})

t.test('a pin to a backend that is no more is none', async (t) => {
  t.equal(pins.read(['Cookie', pinTo(first)], [second]), undefined)
})

t.test('it tells nothing of the network, and is for this site’s requests alone', async (t) => {
  const cookie = pins.cookie(first, { encrypted: true })
  t.notMatch(cookie, /10\.0\.0\.1|8888|secret/)
  t.match(cookie, /; Path=\/; HttpOnly; SameSite=Lax; Secure$/)
  t.match(
    new Pins({ token: 's', baseUrl: '/base/' }).cookie(first, { encrypted: false }),
    /; Path=\/base\/; HttpOnly; SameSite=Lax$/,
  )
})

t.test(
  'a header full of such cookies costs no more than a few of them, and a right one behind them is not looked for',
  async (t) => {
    const many = Array.from({ length: 200 }, (_, n) => new Backend({ host: '10.0.1.1', port: n + 1 }, 0))
    const forged = 'pyli-backend=forged;'.repeat(10_000)
    const before = process.cpuUsage()
    t.equal(pins.read(['Cookie', forged], many), undefined)
    // Each compared with each backend's they take a quarter of a minute.
    t.ok(process.cpuUsage(before).user < 1_000_000)
    t.equal(read(forged + pinTo(second)), undefined)
  },
)
