import { X509Certificate } from 'node:crypto'
import t from 'tap'
import { inspect } from '../../../gateway/control/certificates/inspect.ts'
import { type Issued, issue, type Plan, usualChain } from '../../fakes/certificates.ts'

const now = new Date('2030-01-15')
const years = { from: '2025-01-01', to: '2035-01-01', isAuthority: true }
const { root, middle, leaf } = await usualChain()
const stranger = await issue({ name: 'Stranger', ...years })

interface Given {
  readonly chain?: readonly Issued[]
  readonly key?: string
  readonly hosts?: readonly string[]
  readonly trusted?: readonly Issued[]
  readonly cert?: string
}

/** `bad: …` for each finding, with the files called cert.pem and key.pem. */
function found({ chain = [leaf, middle], hosts = [], trusted = [root], ...given }: Given): string[] {
  const cert = given.cert ?? chain.map((issued) => issued.cert).join('')
  const key = given.key ?? (chain[0] as Issued).key
  const roots = () => trusted.map((issued) => new X509Certificate(issued.cert))
  const findings = inspect({ cert, key, certPath: 'cert.pem', keyPath: 'key.pem' }, { now, hosts, roots })
  return findings.map(({ gravity, text }) => `${gravity}: ${text}`)
}

/** The findings of a leaf with a fault, in a chain that has none. */
async function faulty(plan: Partial<Plan>, given: Given = {}): Promise<string[]> {
  const odd = await issue({ name: 'leaf', signedBy: middle, names: ['jupyter.example'], ...plan })
  return found({ chain: [odd, middle], ...given })
}

t.test('of a certificate with its chain and key there is nothing to say', async (t) => {
  t.strictSame(found({}), [])
  t.strictSame(found({ chain: [leaf, middle], hosts: ['jupyter.example'] }), [])
})

t.test('a key of another certificate is no pair yet, and the advice knows where it does fit', async (t) => {
  t.strictSame(found({ key: stranger.key }), [
    'unfinished: key.pem is not the key of the first certificate in cert.pem',
  ])
  t.strictSame(found({ chain: [middle, leaf], key: leaf.key }), [
    "unfinished: key.pem is not the key of the first certificate in cert.pem; the server's own must stand before its chain",
  ])
})

t.test('a file that is being written is no pair yet, wherever it stops', async (t) => {
  const whole = leaf.cert + middle.cert
  for (const length of [0, 20, 300, leaf.cert.length + 15, leaf.cert.length + 40, whole.length - 10]) {
    const text = whole.slice(0, length)
    t.match(
      found({ cert: text }),
      [/^unfinished: cert\.pem holds (?:no certificate|a certificate that is cut off)/],
      `${length}`,
    )
  }
})

t.test('a certificate that has ended or not begun is bad', async (t) => {
  t.match(await faulty({ to: '2030-01-10' }), ['bad: cert.pem was valid until 2030-01-10; renew it'])
  t.match(await faulty({ from: '2030-02-01' }), [/^bad: cert\.pem is valid from 2030-02-01 on only/])
  t.match(await faulty({ from: '2029-01-01', to: '2031-04-08' }), [/^doubtful: cert\.pem is for 827 days/])
  t.strictSame(await faulty({ from: '2029-01-01', to: '2031-04-06' }), [])
})

t.test('keys that browsers do not take are bad, in whatever place of the chain', async (t) => {
  t.match(await faulty({ kind: 'rsa', rsaBits: 1024 }), [/^bad: leaf in cert\.pem has an RSA key of 1024 bits/])
  t.match(await faulty({ kind: 'p521' }), [/^bad: leaf in cert\.pem has a key on the curve secp521r1/])
  t.match(await faulty({ kind: 'ed25519' }), [/^bad: leaf in cert\.pem has a key of the kind ed25519/])
  t.strictSame(await faulty({ kind: 'rsa' }), [])
  const weak = await issue({ name: 'Weak', signedBy: root, kind: 'rsa', rsaBits: 1024, ...years })
  const under = await issue({ name: 'leaf', signedBy: weak, names: ['jupyter.example'] })
  t.match(found({ chain: [under, weak] }), [/^bad: Weak in cert\.pem has an RSA key of 1024 bits/])
})

t.test('a signature that can be forged is bad, but for a root’s, which nobody looks at', async (t) => {
  t.match(await faulty({ hash: 'SHA-1' }), ['bad: leaf in cert.pem is signed with SHA1, which can be forged'])
  const old = await issue({ name: 'Old', hash: 'SHA-1', ...years })
  const under = await issue({
    name: 'leaf',
    signedBy: { ...old, algorithm: root.algorithm },
    names: ['jupyter.example'],
  })
  t.strictSame(found({ chain: [under, old] }), [])
})

t.test('a certificate for something else than servers is bad; one for everything is not', async (t) => {
  t.match(await faulty({ uses: ['1.3.6.1.5.5.7.3.2'] }), [/^bad: cert\.pem is not for servers/])
  t.strictSame(await faulty({ uses: ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1'] }), [])
  t.strictSame(await faulty({ uses: ['2.5.29.37.0'] }), [])
})

t.test('a certificate without an alternative name is bad, as browsers read no other', async (t) => {
  const odd = await issue({ name: 'jupyter.example', signedBy: middle })
  t.match(found({ chain: [odd, middle] }), [/^bad: cert\.pem has no subject alternative name/])
})

t.test('names of --allow-host that it does not cover are told', async (t) => {
  const names = ['jupyter.example', '*.lab.example']
  const covered = ['jupyter.example', 'a.lab.example', '*.lab.example']
  t.strictSame(await faulty({ names }, { hosts: covered }), [])
  t.strictSame(await faulty({ names }, { hosts: [...covered, 'other.example', '*.other.example', '192.0.2.1'] }), [
    'doubtful: cert.pem does not cover other.example and *.other.example and 192.0.2.1 of --allow-host; it covers jupyter.example, *.lab.example',
  ])
})

t.test('an intermediate that is missing, needless or out of order is told', async (t) => {
  const second = await issue({ name: 'Second', signedBy: middle, ...years })
  const under = await issue({ name: 'leaf', signedBy: second, names: ['jupyter.example'] })
  t.strictSame(found({ chain: [under, second, middle] }), [])
  t.strictSame(found({ chain: [leaf] }), [
    'doubtful: cert.pem lacks Middle, which signed leaf: clients that do not trust it directly refuse the certificate',
  ])
  t.strictSame(found({ chain: [leaf, stranger] }), [
    'bad: cert.pem lacks Middle, which signed leaf; what stands there instead has signed nothing in it',
  ])
  t.strictSame(found({ chain: [leaf, middle, stranger] }), [
    'doubtful: cert.pem holds Stranger, which the certificate does not need',
  ])
  t.strictSame(found({ chain: [under, middle, second] }), [
    'doubtful: the certificates in cert.pem are out of order; each must be followed by the one that signed it: leaf, then Second, then Middle',
  ])
})

t.test('a leaf that the trusted CA itself has signed needs no chain', async (t) => {
  t.strictSame(found({ chain: [leaf], trusted: [middle] }), [])
})

t.test('a root that clients have is needless; a leaf signed by itself must be trusted by itself', async (t) => {
  t.match(found({ chain: [leaf, middle, root] }), [/^doubtful: cert\.pem ends with the root Root/])
  t.strictSame(found({ chain: [leaf, middle, root], trusted: [stranger] }), [], "an operator's own")
  const lone = await issue({ name: 'lone', names: ['jupyter.example'] })
  t.match(found({ chain: [lone] }), [/^doubtful: cert\.pem is signed by itself/])
})

t.test('an intermediate that is over or no CA is bad, but one that a trusted root makes needless', async (t) => {
  const ended = await issue({ name: 'Middle', signedBy: root, ...years, to: '2030-01-01', key: middle.privateKey })
  t.match(found({ chain: [leaf, ended] }), [/^bad: Middle in cert\.pem was valid until 2030-01-01/])
  t.match(found({ chain: [leaf, ended], trusted: [root, middle] }), [/^doubtful: Middle in cert\.pem was valid until/])
  const oldRoot = await issue({ name: 'Root', ...years, to: '2030-01-01', key: root.privateKey })
  t.match(found({ chain: [leaf, middle, oldRoot] }), [
    /^doubtful: Root in cert\.pem was valid until/,
    /ends with the root/,
  ])
  const mere = await issue({ name: 'Mere', signedBy: root, ...years, isAuthority: false })
  const under = await issue({ name: 'leaf', signedBy: mere, names: ['jupyter.example'] })
  t.match(found({ chain: [under, mere] }), [/^bad: Mere in cert\.pem is not the certificate of a CA/])
})

t.test('what is bad goes before what is doubtful', async (t) => {
  const findings = await faulty({ to: '2030-01-10' }, { hosts: ['other.example'] })
  t.match(findings, [/^bad/, /^doubtful/])
})
