import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { fromFiles } from '../../../gateway/control/certificates/from-files.ts'
import { selfSigned } from '../../../gateway/control/certificates/self-signed.ts'

const now = new Date('2030-01-01T12:00:00Z')

const { cert, key } = await selfSigned({ dir: t.testdir(), names: [], now })
const [leaf = '', ca = ''] = cert.split(/(?<=-----END CERTIFICATE-----\n)/)

function pem(options: object): string {
  return generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    ...options,
  }) as string
}

/** Loads files of this content, named as the operator would. */
function load(t: Test, files: { 'cert.pem'?: string; 'key.pem'?: string }, at = now) {
  const dir = t.testdir(files)
  return fromFiles({ cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem'), now: at })
}

t.test('a certificate, with or without its chain, and its key are returned as they are', async (t) => {
  t.strictSame((await load(t, { 'cert.pem': cert, 'key.pem': key })).identity, { cert, key })
  t.strictSame((await load(t, { 'cert.pem': leaf, 'key.pem': key })).identity, { cert: leaf, key })
})

t.test('a missing file is told by its path and flag', async (t) => {
  await t.rejects(load(t, { 'key.pem': key }), {
    message: /cert\.pem does not exist; give --tls-cert the file's right path$/,
  })
  await t.rejects(load(t, { 'cert.pem': cert }), { message: /key\.pem does not exist; give --tls-key/ })
})

t.test('a file that holds something else is told', async (t) => {
  await t.rejects(load(t, { 'cert.pem': key, 'key.pem': key }), {
    message: /cert\.pem holds no certificate in PEM; give --tls-cert/,
  })
  await t.rejects(load(t, { 'cert.pem': cert, 'key.pem': cert }), {
    message: /key\.pem holds no private key in PEM; give --tls-key/,
  })
})

t.test('a key with a passphrase is told', async (t) => {
  const forms = [
    pem({ cipher: 'aes-256-cbc', passphrase: 'x' }),
    pem({ type: 'pkcs1', cipher: 'aes-256-cbc', passphrase: 'x' }),
  ]
  for (const locked of forms) {
    await t.rejects(load(t, { 'cert.pem': cert, 'key.pem': locked }), { message: /key\.pem asks for a passphrase/ })
  }
})

t.test('a key of another certificate is told, and a chain in the wrong order', async (t) => {
  const expected = {
    name: 'CertificateError',
    message: /key\.pem is not the key of the first certificate in .*cert\.pem/,
  }
  await t.rejects(load(t, { 'cert.pem': cert, 'key.pem': pem({}) }), expected)
  await t.rejects(load(t, { 'cert.pem': ca + leaf, 'key.pem': key }), expected)
})

t.test('a certificate that has expired or is not yet valid is told with its day', async (t) => {
  const files = { 'cert.pem': cert, 'key.pem': key }
  await t.rejects(load(t, files, new Date('2031-06-01')), {
    message: /cert\.pem was valid until 2031-02-02; renew it$/,
  })
  await t.rejects(load(t, files, new Date('2029-12-31')), {
    message: /cert\.pem is valid from 2030-01-01 on only; check/,
  })
})

t.test('a chain that cannot be read is told before the first handshake', async (t) => {
  const broken = `${leaf}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`
  await t.rejects(load(t, { 'cert.pem': broken, 'key.pem': key }), {
    name: 'CertificateError',
    message: /cert\.pem holds a certificate that is cut off or broken; write it again$/,
  })
})
