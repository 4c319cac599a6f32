import { spawn } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { type SelfSigned, selfSigned } from '../../../gateway/control/certificates/self-signed.ts'

const module = new URL('../../../gateway/control/certificates/self-signed.ts', import.meta.url).href
const now = new Date('2030-01-01T12:00:00Z')

function later(days: number): Date {
  return new Date(now.getTime() + days * 86_400_000)
}

function make(dir: string, changes: { names?: string[]; now?: Date; host?: string } = {}): Promise<SelfSigned> {
  return selfSigned({ dir, names: [], now, host: 'gate', ...changes })
}

function read(dir: string, name: string): string {
  return readFileSync(join(dir, name), 'utf8')
}

/** Everything that must hold of a pair, whoever made it. */
function isSound(t: Test, { cert, key, caPath }: SelfSigned): void {
  const ca = new X509Certificate(readFileSync(caPath))
  const leaf = new X509Certificate(cert)
  t.ok(leaf.checkPrivateKey(createPrivateKey(key)), 'the key fits the leaf')
  t.ok(leaf.checkIssued(ca) && leaf.verify(ca.publicKey), 'the CA issued the leaf')
}

t.test('the first start makes a CA and a leaf that fit', async (t) => {
  const dir = t.testdir()
  const made = await make(dir)
  t.equal(made.made, 'ca')
  t.equal(made.caPath, join(dir, 'ca.pem'))
  isSound(t, made)
})

t.test('the folder holds what was returned, the chain after the leaf, and nothing else', async (t) => {
  const dir = t.testdir()
  const { cert, key } = await make(dir)
  t.equal(read(dir, 'cert.pem'), cert)
  t.equal(read(dir, 'key.pem'), key)
  t.ok(cert.endsWith(read(dir, 'ca.pem')))
  t.equal(cert.match(/BEGIN CERTIFICATE/g)?.length, 2)
  t.strictSame(readdirSync(dir).sort(), ['ca-key.pem', 'ca.pem', 'cert.pem', 'key.pem'])
})

t.test('nobody else can enter the folder or read the keys', async (t) => {
  const dir = join(t.testdir(), 'new', 'tls')
  await make(dir)
  const modeOf = (path: string) => statSync(path).mode & 0o777
  t.equal(modeOf(dir), 0o700)
  t.equal(modeOf(join(dir, 'key.pem')), 0o600)
  t.equal(modeOf(join(dir, 'ca-key.pem')), 0o600)
})

t.test('the CA lives ten years, is named after the host and may sign servers only', async (t) => {
  const { caPath } = await make(t.testdir())
  const ca = new X509Certificate(readFileSync(caPath))
  t.equal(ca.subject, 'CN=Pyli local CA gate')
  t.ok(ca.ca && ca.verify(ca.publicKey))
  t.equal(ca.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
  t.ok(ca.validToDate > later(3650) && ca.validToDate < later(3653))
  // DER of: basic constraints, critical, CA, path length 0; and key usage, critical, certificate and CRL signing.
  t.ok(ca.raw.includes(Buffer.from('0603551d130101ff040830060101ff020100', 'hex')))
  t.ok(ca.raw.includes(Buffer.from('0603551d0f0101ff040403020106', 'hex')))
})

t.test('the leaf is for servers, lives less than browsers allow, and is valid on clocks that are behind', async (t) => {
  const leaf = new X509Certificate((await make(t.testdir())).cert)
  t.equal(leaf.ca, false)
  t.strictSame(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  t.equal(leaf.validToDate.getTime() - leaf.validFromDate.getTime(), 397 * 86_400_000)
  t.ok(leaf.validFromDate < now)
})

t.test('the leaf covers localhost, this host and the names given, addresses as addresses', async (t) => {
  const names = ['jupyter.example.org', '*.lab.example', '192.0.2.10', '2001:db8::1', 'localhost']
  const leaf = new X509Certificate((await make(t.testdir(), { names, host: 'Gate' })).cert)
  for (const name of ['localhost', 'gate', 'jupyter.example.org', 'any.lab.example']) t.ok(leaf.checkHost(name), name)
  for (const address of ['127.0.0.1', '::1', '192.0.2.10', '2001:db8::1']) t.ok(leaf.checkIP(address), address)
  t.notOk(leaf.checkHost('192.0.2.10'))
  t.notOk(leaf.checkHost('other.example'))
})

t.test('a host name that no certificate can hold is left out, and a long one does not harm', async (t) => {
  const odd = new X509Certificate((await make(t.testdir(), { host: 'my laptop' })).cert)
  t.equal(odd.subjectAltName, 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1')
  const long = await make(t.testdir({ long: {} }), { host: `${'a'.repeat(60)}.example.org` })
  t.ok(new X509Certificate(readFileSync(long.caPath)).subject.length <= 'CN='.length + 64)
  isSound(t, long)
})

t.test('the second start makes nothing', async (t) => {
  const dir = t.testdir()
  const names = ['*.lab.example', '2001:db8::1']
  const first = await make(dir, { names })
  const second = await make(dir, { names, now: later(1) })
  t.strictSame(second, { ...first, made: 'nothing' })
  t.equal((await make(dir, { now: later(1) })).made, 'nothing', 'also when it covers more than is wanted')
})

t.test('a leaf is made anew when two thirds of its life are over, from the same CA', async (t) => {
  const dir = t.testdir()
  const first = await make(dir)
  const ca = read(dir, 'ca.pem')
  t.equal((await make(dir, { now: later(264) })).made, 'nothing')
  const second = await make(dir, { now: later(265) })
  t.equal(second.made, 'leaf')
  t.not(second.cert, first.cert)
  t.equal(read(dir, 'ca.pem'), ca)
  isSound(t, second)
})

t.test('a leaf that lacks a name, is from the future, or fits another key or CA is made anew', async (t) => {
  const dir = t.testdir({ own: {}, foreign: {} })
  const [own, foreign] = [join(dir, 'own'), join(dir, 'foreign')]
  await make(own)
  await make(foreign)
  const ca = read(own, 'ca.pem')
  const steal = (...names: string[]) => {
    for (const name of names) writeFileSync(join(own, name), read(foreign, name))
  }
  const spoils: Record<string, () => void> = {
    'key removed': () => rmSync(join(own, 'key.pem')),
    'certificate removed': () => rmSync(join(own, 'cert.pem')),
    'leaf of another CA': () => steal('cert.pem'),
    'key of another leaf': () => steal('key.pem'),
    'leaf and key of another CA': () => steal('cert.pem', 'key.pem'),
    'leaf and key of another CA before our chain': () => {
      steal('cert.pem', 'key.pem')
      writeFileSync(join(own, 'cert.pem'), read(own, 'cert.pem').replace(read(foreign, 'ca.pem'), ca))
    },
    'chain cut off': () => writeFileSync(join(own, 'cert.pem'), read(own, 'cert.pem').replace(ca, '')),
  }
  for (const [name, spoil] of Object.entries(spoils)) {
    spoil()
    const made = await make(own)
    t.equal(made.made, 'leaf', name)
    isSound(t, made)
  }
  for (const changes of [{ names: ['new.example'] }, { now: later(-2) }]) {
    const made = await make(own, changes)
    t.equal(made.made, 'leaf', JSON.stringify(changes))
    isSound(t, made)
  }
  t.equal(read(own, 'ca.pem'), ca)
})

t.test('a leaf never outlives its CA', async (t) => {
  const dir = t.testdir()
  await make(dir)
  const { cert, caPath } = await make(dir, { now: later(3500) })
  const ca = new X509Certificate(readFileSync(caPath))
  t.equal(new X509Certificate(cert).validTo, ca.validTo)
})

t.test('a start that died before it was done is completed by the next', async (t) => {
  const dir = t.testdir()
  for (const lost of [[], ['cert.pem'], ['cert.pem', 'key.pem'], ['cert.pem', 'key.pem', 'ca.pem']]) {
    for (const name of lost) rmSync(join(dir, name))
    isSound(t, await make(dir))
  }
})

t.test('eight processes that start at once all have the same CA and key, and each a pair that fits', async (t) => {
  const dir = join(t.testdir(), 'tls')
  const runners = Array.from({ length: 8 }, () => new Runner(dir))
  await Promise.all(runners.map((runner) => runner.loaded()))
  const pairs = await Promise.all(runners.map((runner) => runner.run()))
  for (const pair of pairs) isSound(t, pair)
  t.equal(new Set(pairs.map(({ key }) => key)).size, 1)
  t.ok(pairs.every(({ cert }) => cert.endsWith(read(dir, 'ca.pem'))))
  t.ok(pairs.some(({ cert }) => cert === read(dir, 'cert.pem')))
  t.strictSame(readdirSync(dir).sort(), ['ca-key.pem', 'ca.pem', 'cert.pem', 'key.pem'])
})

/** A process that has loaded everything, so that several can be let go in the same moment. */
class Runner {
  readonly #process
  readonly #lines

  constructor(dir: string) {
    const script = `
      const { selfSigned } = await import('${module}')
      await import(new URL('issue.ts', '${module}'))
      console.log('loaded')
      process.stdin.once('data', async () => {
        console.log(JSON.stringify(await selfSigned({ dir: process.argv[1], names: [], now: new Date() })))
        process.exit()
      })`
    this.#process = spawn(process.execPath, ['--input-type=module', '--eval', script, dir], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]()
  }

  async loaded(): Promise<void> {
    await this.#lines.next()
  }

  async run(): Promise<SelfSigned> {
    this.#process.stdin.write('go')
    return JSON.parse((await this.#lines.next()).value ?? '') as SelfSigned
  }
}

t.test('what is broken is told with the file and what to do, and nothing is overwritten', async (t) => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' })
  const spoils: [string, (dir: string) => void, RegExp][] = [
    [
      'garbage in ca.pem',
      (dir) => writeFileSync(join(dir, 'ca.pem'), 'x'),
      /ca\.pem holds no certificate in PEM; to start again, remove .*ca\.pem and .*ca-key\.pem/,
    ],
    [
      'garbage in ca-key.pem',
      (dir) => writeFileSync(join(dir, 'ca-key.pem'), ''),
      /ca-key\.pem holds no private key in PEM; to start again, remove/,
    ],
    [
      'garbage in key.pem',
      (dir) => writeFileSync(join(dir, 'key.pem'), 'x'),
      /\/key\.pem holds no private key in PEM; remove it/,
    ],
    [
      'garbage in cert.pem',
      (dir) => writeFileSync(join(dir, 'cert.pem'), 'x'),
      /\/cert\.pem holds no certificate in PEM; remove it/,
    ],
    [
      'an RSA key',
      (dir) => writeFileSync(join(dir, 'key.pem'), rsa),
      /key\.pem holds a private key of another kind than P-256; remove it/,
    ],
    [
      'another CA key',
      (dir) => writeFileSync(join(dir, 'ca-key.pem'), read(dir, 'key.pem')),
      /ca-key\.pem is not the key of .*ca\.pem; to start again/,
    ],
    [
      'a missing CA key',
      (dir) => rmSync(join(dir, 'ca-key.pem')),
      /ca-key\.pem, the key of .*ca\.pem, is missing; bring it back or/,
    ],
    [
      'a CA that is none',
      (dir) => writeFileSync(join(dir, 'ca.pem'), read(dir, 'cert.pem')),
      /ca\.pem is not the certificate of a CA/,
    ],
  ]
  const parent = t.testdir()
  for (const [name, spoil, message] of spoils) {
    const dir = join(parent, name)
    await make(dir)
    spoil(dir)
    const before = readdirSync(dir).map((file) => read(dir, file))
    await t.rejects(make(dir), { name: 'CertificateError', message }, name)
    t.strictSame(
      readdirSync(dir).map((file) => read(dir, file)),
      before,
    )
  }
})

t.test('a CA that has expired is told, as only people can trust another', async (t) => {
  const dir = t.testdir()
  await make(dir)
  await t.rejects(make(dir, { now: later(3700) }), { message: /ca\.pem was valid until 2040-01-01; to start again/ })
})

t.test('a folder that cannot be made and a file that cannot be read are told', async (t) => {
  const dir = t.testdir({ file: '', folder: { 'ca.pem': {} } })
  await t.rejects(make(join(dir, 'file', 'tls')), { message: /tls cannot be made \(ENOTDIR\); give --tls-dir/ })
  await t.rejects(make(join(dir, 'folder')), { message: /ca\.pem cannot be read \(EISDIR\)/ })
})
