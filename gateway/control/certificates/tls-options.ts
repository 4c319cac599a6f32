import { randomBytes } from 'node:crypto'
import type { TlsOptions } from 'node:tls'
import type { Identity } from './identity.ts'

/** Only ephemeral keys (ECDHE) and ciphers that authenticate what they encrypt (AEAD). The first three are TLS 1.3. */
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
]

/**
 * How the gateway speaks TLS, whatever the defaults of this Node or of NODE_OPTIONS are. Each call
 * makes new keys for session tickets. A ticket is opened by every process that has the same keys and the same context,
 * which Node would make of the program's arguments.
 */
export function tlsOptions({ cert, key }: Identity): TlsOptions {
  return {
    cert,
    key,
    ticketKeys: randomBytes(48),
    sessionIdContext: 'pyli',
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: ciphers.join(':'),
    honorCipherOrder: true,
    ecdhCurve: 'X25519:P-256:P-384',
    // A client that offers only h2 is told so in the handshake, and does not wait for an answer that it cannot read.
    ALPNProtocols: ['http/1.1'],
  }
}
