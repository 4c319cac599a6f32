import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { type ConnectionOptions, connect, createServer, type TLSSocket, type TlsOptions } from 'node:tls'
import t, { type Test } from 'tap'
import { selfSigned } from '../../../gateway/control/certificates/self-signed.ts'
import { tlsOptions } from '../../../gateway/control/certificates/tls-options.ts'

/** A client that would agree to anything, so that a refusal is the server's. Level 0 lets OpenSSL use what it has buried. */
const lenient: ConnectionOptions = { minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' }

interface Served {
  /** Trusts the CA and asks for localhost, unless told otherwise. */
  handshake(options: ConnectionOptions): Promise<TLSSocket>
}

async function serve(t: Test, changes: TlsOptions = {}): Promise<Served> {
  const identity = await selfSigned({ dir: t.testdir(), names: [], now: new Date() })
  const server = createServer({ ...tlsOptions(identity), ...changes }, (socket) => socket.resume())
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const ca = readFileSync(identity.caPath)
  return {
    async handshake(options) {
      const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca, ...options })
      t.teardown(() => socket.destroy())
      await once(socket, 'secureConnect')
      return socket
    },
  }
}

t.test('a client that trusts the CA trusts the server by name and by address', async (t) => {
  const { handshake } = await serve(t)
  t.equal((await handshake({})).authorized, true)
  t.equal((await handshake({ servername: '' })).authorized, true)
})

t.test('a client that does not know the CA refuses the server', async (t) => {
  const { handshake } = await serve(t)
  await t.rejects(handshake({ ca: [] }), { code: 'SELF_SIGNED_CERT_IN_CHAIN' })
})

t.test('TLS 1.2 and 1.3 are spoken, and 1.3 is preferred', async (t) => {
  const { handshake } = await serve(t)
  t.equal((await handshake({})).getProtocol(), 'TLSv1.3')
  t.equal((await handshake({ maxVersion: 'TLSv1.2' })).getProtocol(), 'TLSv1.2')
})

t.test('TLS 1.1 and 1.0 are refused, whatever the ciphers', async (t) => {
  const { handshake } = await serve(t, { ciphers: 'ALL:@SECLEVEL=0' })
  for (const version of ['TLSv1.1', 'TLSv1'] as const) {
    await t.rejects(
      handshake({ ...lenient, maxVersion: version, minVersion: version }),
      { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' },
      version,
    )
  }
})

t.test('AEAD ciphers with an ephemeral key are agreed on', async (t) => {
  const { handshake } = await serve(t)
  const names = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305']
  for (const ciphers of names) {
    const socket = await handshake({ maxVersion: 'TLSv1.2', ciphers })
    t.equal(socket.getCipher().name, ciphers)
    t.match(socket.getEphemeralKeyInfo(), { type: 'ECDH' })
  }
  for (const ciphers of ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']) {
    t.equal((await handshake({ ciphers })).getCipher().name, ciphers)
  }
})

t.test("of the ciphers that both have, the server's first is taken", async (t) => {
  const { handshake } = await serve(t)
  const ciphers = 'ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256'
  t.equal((await handshake({ maxVersion: 'TLSv1.2', ciphers })).getCipher().name, 'ECDHE-ECDSA-AES128-GCM-SHA256')
})

t.test('CBC ciphers, RSA key exchange, finite-field DHE and CCM are refused', async (t) => {
  const { handshake } = await serve(t)
  const refused = [
    'ECDHE-ECDSA-AES128-SHA',
    'ECDHE-ECDSA-AES256-SHA384',
    'AES128-GCM-SHA256',
    'AES256-SHA256',
    'DHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES128-CCM8',
  ]
  for (const cipher of refused) {
    await t.rejects(
      handshake({ ...lenient, maxVersion: 'TLSv1.2', ciphers: `${cipher}:@SECLEVEL=0` }),
      { code: 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE' },
      cipher,
    )
  }
})

t.test('the list of ciphers holds nothing but ECDHE and AEAD', async (t) => {
  const names = tlsOptions({ cert: '', key: '' }).ciphers?.split(':') ?? []
  t.equal(names.length, 9)
  for (const name of names) t.match(name, /^(TLS|ECDHE-(ECDSA|RSA))[_-].*(GCM|POLY1305)/)
})

t.test('X25519, P-256 and P-384 are agreed on, other curves refused', async (t) => {
  const { handshake } = await serve(t)
  for (const [ecdhCurve, name] of [
    ['X25519', 'X25519'],
    ['P-256', 'prime256v1'],
    ['P-384', 'secp384r1'],
  ] as const) {
    t.match((await handshake({ ecdhCurve })).getEphemeralKeyInfo(), { name })
  }
  await t.rejects(handshake({ ecdhCurve: 'P-521' }), { code: 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE' })
})

t.test('http/1.1 is agreed on, also before h2', async (t) => {
  const { handshake } = await serve(t)
  t.equal((await handshake({ ALPNProtocols: ['http/1.1'] })).alpnProtocol, 'http/1.1')
  t.equal((await handshake({ ALPNProtocols: ['h2', 'http/1.1'] })).alpnProtocol, 'http/1.1')
  t.equal((await handshake({})).alpnProtocol, false)
})

t.test('a client that speaks h2 only is refused in the handshake', async (t) => {
  const { handshake } = await serve(t)
  await t.rejects(handshake({ ALPNProtocols: ['h2'] }), { code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' })
})
