import { X509Certificate } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TlsOptions } from 'node:tls'
import t, { type Test } from 'tap'
import { Keeper } from '../../../gateway/control/certificates/keeper.ts'
import { filesSource, type Source, selfSignedSource } from '../../../gateway/control/certificates/source.ts'
import { createLog } from '../../../gateway/observe/log.ts'
import { type Issued, issue, type Plan } from '../../fakes/certificates.ts'

const hour = 3_600_000
const root = await issue({ name: 'Root', from: '2025-01-01', to: '2035-01-01', isAuthority: true })
const roots = () => [new X509Certificate(root.cert)]
const leaf = (plan: Partial<Plan> = {}) => issue({ name: 'leaf', signedBy: root, names: ['jupyter.example'], ...plan })
const [first, second] = [await leaf(), await leaf({ name: 'second' })]

interface Line {
  readonly level: string
  readonly msg: string
  readonly reason?: string
}

/** A keeper whose loop is turned by hand, with all that it says. */
async function setUp(source: Source, start = '2030-01-15') {
  const lines: Line[] = []
  const shown: TlsOptions[] = []
  const clock = { now: new Date(start) }
  const log = createLog('json', { write: (line) => void lines.push(JSON.parse(line)) })
  const keeper = await Keeper.open({ source, log, now: () => clock.now })
  const aborted = AbortSignal.abort()
  keeper.keep((tls) => shown.push(tls), { signal: aborted, random: () => 0.5 })
  const look = async (times = 1) => {
    for (let i = 0; i < times; i++) {
      clock.now = new Date(clock.now.getTime() + 2_000)
      await keeper.look()
    }
  }
  const later = (milliseconds: number) => {
    clock.now = new Date(clock.now.getTime() + milliseconds)
  }
  return { keeper, lines, shown, look, later }
}

/** Two files, as `--tls files` names them. */
function files(t: Test, { cert, key }: Issued = first, hosts: readonly string[] = []) {
  const dir = t.testdir({ 'cert.pem': cert, 'key.pem': key })
  const paths = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') }
  const write = (issued: { cert?: string; key?: string }) => {
    if (issued.cert !== undefined) writeFileSync(paths.cert, issued.cert)
    if (issued.key !== undefined) writeFileSync(paths.key, issued.key)
  }
  return { dir, write, source: filesSource({ ...paths, hosts, roots }) }
}

t.test('a new pair is shown once it has been seen twice, with other ticket keys', async (t) => {
  const { write, source } = files(t)
  const { keeper, look, shown, lines } = await setUp(source)
  const before = keeper.tls
  await look(3)
  t.strictSame(shown, [], 'nothing has changed')
  write(second)
  await look()
  t.strictSame(shown, [], 'it may still be being written')
  await look(3)
  t.equal(shown.length, 1)
  t.equal(shown[0], keeper.tls)
  t.match(shown[0], { cert: second.cert, key: second.key, sessionIdContext: 'pyli' })
  t.notSame(shown[0]?.ticketKeys, before.ticketKeys)
  t.match(lines, [{ level: 'info', msg: 'new connections are shown a new certificate', subject: 'second' }])
})

t.test('a pair that is written in two steps is waited for, and nothing is said', async (t) => {
  const { write, source } = files(t)
  const { look, shown, lines } = await setUp(source)
  write({ cert: second.cert })
  await look(10)
  t.strictSame([shown, lines], [[], []])
  write({ key: second.key })
  await look(2)
  t.match(shown, [{ cert: second.cert, key: second.key }])
})

t.test('a file that is written in pieces is never shown in part', async (t) => {
  const middle = await issue({
    name: 'Middle',
    signedBy: root,
    from: '2025-01-01',
    to: '2035-01-01',
    isAuthority: true,
  })
  const under = await leaf({ signedBy: middle, key: first.privateKey })
  const { write, source } = files(t)
  const { look, shown } = await setUp(source)
  for (const part of [under.cert.slice(0, 100), under.cert, under.cert + middle.cert.slice(0, 100)]) {
    write({ cert: part })
    await look()
  }
  write({ cert: under.cert + middle.cert })
  await look(2)
  t.match(shown, [{ cert: under.cert + middle.cert }])
})

t.test('a pair that stays unfinished for a minute is told, once, and again if it changes', async (t) => {
  const { write, source, dir } = files(t)
  const { keeper, look, later, lines } = await setUp(source)
  write({ cert: second.cert })
  await look(2)
  later(60_000)
  await look(3)
  t.match(lines, [{ level: 'error', reason: /key\.pem is not the key of the first certificate/ }])
  t.match(keeper.state().lastRefusal, { reason: /not the key/ })
  rmSync(join(dir, 'key.pem'))
  await look(2)
  later(60_000)
  await look(3)
  t.match(lines.slice(1), [{ level: 'error', reason: /key\.pem does not exist/ }])
  write(first)
  await look(2)
  t.equal(lines.length, 2)
  t.equal(keeper.state().lastRefusal, undefined, 'all is well again')
})

t.test('a new certificate that is worse is refused and said once for each; the old one stays', async (t) => {
  const { write, source } = files(t, first, ['jupyter.example'])
  const { keeper, look, shown, lines } = await setUp(source)
  const worse = {
    'was valid until 2030-01-10': await leaf({ to: '2030-01-10' }),
    'has an RSA key of 1024 bits': await leaf({ kind: 'rsa', rsaBits: 1024 }),
    'no longer covers jupyter.example of --allow-host': await leaf({ names: ['other.example'] }),
  }
  for (const [reason, issued] of Object.entries(worse)) {
    write(issued)
    await look(5)
    t.match(lines.splice(0), [{ level: 'error', reason: new RegExp(reason) }])
    t.match(keeper.state(), { subject: 'leaf', lastRefusal: { reason: new RegExp(reason) } })
  }
  write(await leaf({ to: '2030-01-10' }))
  await look(3)
  write(await leaf({ to: '2030-01-10' }))
  await look(3)
  t.equal(lines.length, 2, 'another file with the same fault is another change')
  t.strictSame(shown, [])
  t.equal(keeper.tls.cert, first.cert)
  write(second)
  await look(2)
  t.match(shown, [{ cert: second.cert }])
  t.equal(keeper.state().lastRefusal, undefined)
})

t.test('files behind a link that is swapped are seen, as secrets are mounted', async (t) => {
  const dir = t.testdir({ one: { cert: first.cert, key: first.key }, two: { cert: second.cert, key: second.key } })
  mkdirSync(join(dir, 'mount'))
  const [live, next] = [join(dir, 'mount', 'live'), join(dir, 'mount', 'next')]
  symlinkSync('../one', live)
  const source = filesSource({ cert: join(live, 'cert'), key: join(live, 'key'), hosts: [], roots })
  const { look, shown } = await setUp(source)
  symlinkSync('../two', next)
  renameSync(next, live)
  await look(2)
  t.match(shown, [{ cert: second.cert }])
})

t.test('ticket keys change every twelve hours, and the certificate stays', async (t) => {
  const { source } = files(t)
  const { keeper, look, later, shown } = await setUp(source)
  const before = keeper.tls
  later(12 * hour - 10_000)
  await look()
  t.equal(keeper.tls, before)
  later(10_000)
  await look(3)
  t.equal(shown.length, 1)
  t.equal(shown[0]?.cert, first.cert)
  t.notSame(shown[0]?.ticketKeys, before.ticketKeys)
})

t.test('from 21 days before its end a certificate is told of, once a day', async (t) => {
  const { source } = files(t)
  const { look, later, lines } = await setUp(source, '2030-03-10T12:00:00Z')
  await look(3)
  t.strictSame(lines, [], '21 days are left')
  later(24 * hour)
  await look(3)
  t.match(lines, [{ level: 'warn', reason: 'the certificate ends on 2030-04-01, in 20 days; renew it' }])
  later(24 * hour)
  await look(3)
  t.equal(lines.length, 2)
  later(30 * 24 * hour)
  await look()
  t.match(lines[2], { reason: 'the certificate ended on 2030-04-01; renew it' })
})

t.test('what is shown is told as JSON', async (t) => {
  const { source } = files(t)
  const { keeper } = await setUp(source)
  const expected = {
    subject: 'leaf',
    names: ['jupyter.example'],
    issuer: 'Root',
    notAfter: '2030-04-01T00:00:00.000Z',
    daysLeft: 76,
    endsSoon: false,
    source: 'files',
  }
  t.strictSame(JSON.parse(JSON.stringify(keeper.state())), expected)
})

t.test('a self-signed certificate is made anew when two thirds of its life are over; its CA stays', async (t) => {
  const source = selfSignedSource({ dir: t.testdir(), names: [], host: () => 'gate' })
  const { keeper, look, later, lines } = await setUp(source)
  const before = keeper.tls
  later(264 * 24 * hour)
  await look()
  t.equal(keeper.tls.cert, before.cert)
  later(24 * hour)
  await look(3)
  const [old, fresh] = [before, keeper.tls].map(({ cert }) => String(cert).split(/(?<=-----END CERTIFICATE-----\n)/))
  t.not(fresh?.[0], old?.[0])
  t.equal(fresh?.[1], old?.[1])
  t.equal(keeper.tls.key, before.key)
  t.match(lines, [{ level: 'info', names: ['localhost', '127.0.0.1', '::1', 'gate'] }])
})

t.test('a self-signed certificate follows the name of its machine, and no other gateway’s wishes', async (t) => {
  const dir = t.testdir()
  let name = 'gate'
  const { look, shown } = await setUp(selfSignedSource({ dir, names: [], host: () => name }))
  const other = await setUp(selfSignedSource({ dir, names: ['other.example'], host: () => 'other' }))
  await look(3)
  await other.look(3)
  t.strictSame([shown, other.shown], [[], []], 'they do not take turns')
  name = 'moved'
  await look(3)
  t.equal(shown.length, 1)
  t.match(new X509Certificate(String(shown[0]?.cert)).subjectAltName, 'DNS:moved')
})

t.test('a CA that has come in the place of the old one is not shown before the next start', async (t) => {
  const dir = t.testdir()
  const { keeper, look, later, lines } = await setUp(selfSignedSource({ dir, names: [], host: () => 'gate' }))
  const before = keeper.tls.cert
  for (const name of ['ca.pem', 'ca-key.pem', 'cert.pem', 'key.pem']) rmSync(join(dir, name))
  later(300 * 24 * hour)
  await look(4)
  t.equal(keeper.tls.cert, before)
  t.match(lines, [{ level: 'error', reason: /the CA in .* is another than that of 2030-01-14, which clients trust/ }])
})

t.test('the local CA’s end is told of from a year before', async (t) => {
  const source = selfSignedSource({ dir: t.testdir(), names: [], host: () => 'gate' })
  const { look, later, lines } = await setUp(source)
  const warnings = () => lines.filter(({ level }) => level === 'warn')
  later((3652 - 367) * 24 * hour)
  await look()
  t.strictSame(warnings(), [])
  later(3 * 24 * hour)
  await look()
  t.match(warnings(), [{ reason: /^the local CA ends on 2040-01-.*, in 36\d days; remove ca\.pem and ca-key\.pem/ }])
})
