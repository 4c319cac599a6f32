import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectPlain } from 'node:net'
import { type ConnectionOptions, connect } from 'node:tls'
import t from 'tap'
import { firstPage, openBrowser, skipWithoutChromium } from './support/browser.ts'
import { startFloodServer } from './support/flood.ts'
import { prepareGateway } from './support/gateway.ts'
import { startRun } from './support/run.ts'

const run = await startRun(t)
const { port: backend } = await startFloodServer(run)
const gateway = await prepareGateway(run, {
  tls: 'self-signed',
  baseUrl: '/',
  token: 'tls',
  backends: [backend],
  flags: [],
})
await gateway.start()

/** Resolves with the cipher that was agreed upon; rejects when nothing was. */
async function handshake(options: ConnectionOptions): Promise<string> {
  const socket = connect({ port: gateway.port, host: '127.0.0.1', servername: 'localhost', ...options })
  try {
    await once(socket, 'secureConnect')
    return socket.getCipher().standardName
  } finally {
    socket.destroy()
  }
}

t.test('TLS 1.3 and 1.2 are spoken, with a certificate that the local CA vouches for', async (t) => {
  const ca = readFileSync(gateway.caFile)
  for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
    t.match(await handshake({ ca, minVersion: version, maxVersion: version }), /GCM|CHACHA20/)
  }
})

t.test('older versions are not spoken', async (t) => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
  await t.rejects(handshake({ ...old, rejectUnauthorized: false }), /protocol version/)
})

t.test('a client that does not know the CA does not believe the certificate', async (t) => {
  await t.rejects(handshake({ ca: [] }), { code: /SELF_SIGNED|UNABLE_TO/ })
})

t.test('nothing is answered without TLS', async (t) => {
  const socket = connectPlain(gateway.port, '127.0.0.1')
  socket.write('GET /api HTTP/1.1\r\nHost: localhost\r\n\r\n')
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1')
  })
  socket.on('error', () => {})
  await once(socket, 'close')
  t.notMatch(answer, 'HTTP/1.1 2')
  t.notMatch(answer, 'version')
})

t.test('a browser warns of it before it shows anything', { skip: skipWithoutChromium() }, async (t) => {
  const page = await firstPage(await openBrowser(run, { name: 'strict', ignoreHTTPSErrors: false }))
  await t.rejects(page.goto(`${gateway.url}lab`), /ERR_CERT_AUTHORITY_INVALID/)
})
