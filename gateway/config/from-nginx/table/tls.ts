import { isAbsolute, resolve } from 'node:path'
import { carried, lost, lostRow, needless, needlessRow, type Reader, type Row, row } from '../verdict.ts'

const versions = 'TLS 1.2 and 1.3 are spoken, always'

export const tls: readonly Row[] = [
  row('ssl', 'needless', ['--tls'], '--tls is not off', () => needless('--tls is not off')),
  row(
    'ssl_certificate',
    'carried',
    ['--tls', '--tls-cert'],
    'the certificate with its chain, in PEM',
    file('--tls-cert'),
  ),
  row(
    'ssl_certificate_key',
    'carried',
    ['--tls', '--tls-key'],
    'its key, in PEM, without a passphrase',
    file('--tls-key'),
  ),
  row(
    'ssl_protocols',
    'needless',
    [],
    `${versions}; older ones never, which is said where a file allows them`,
    ({ directive }) => {
      const old = directive.args.filter((arg) => !/^TLSv1\.[23]$/.test(arg))
      return old.length === 0
        ? needless(versions)
        : lost(
            `${old.join(' and ')} ${old.length === 1 ? 'is' : 'are'} not spoken: clients that know no TLS 1.2 stay outside`,
          )
    },
  ),
  needlessRow(
    'ssl_ciphers, ssl_prefer_server_ciphers, ssl_ecdh_curve, ssl_conf_command',
    'forward secrecy and authenticated ciphers alone, always',
  ),
  needlessRow('ssl_dhparam', 'keys are agreed upon over elliptic curves'),
  needlessRow(
    'ssl_session_cache, ssl_session_timeout, ssl_session_tickets, ssl_session_ticket_key',
    'sessions are resumed by tickets, whose keys are made and changed by themselves',
  ),
  needlessRow(
    'ssl_buffer_size, ssl_early_data, ssl_handshake_timeout',
    'there is nothing to set; early data, which can be replayed, is not taken',
  ),
  lostRow(
    'ssl_stapling, ssl_stapling_verify, ssl_trusted_certificate, ssl_stapling_file, ssl_stapling_responder',
    'OCSP answers are not stapled; browsers do without',
  ),
  lostRow(
    'ssl_client_certificate, ssl_verify_client, ssl_verify_depth, ssl_crl',
    "clients are not asked for certificates: Jupyter's own token is the lock",
  ),
  lostRow(
    'ssl_password_file',
    'the key must be without a passphrase',
    'take the passphrase off the key: openssl pkey -in KEY -out NEW',
  ),
  lostRow('ssl_reject_handshake', 'there is one site and one certificate'),
  row(
    'add_header strict-transport-security',
    'carried',
    ['--hsts'],
    'browsers are told to come by HTTPS alone',
    ({ directive }, site) => {
      if (!site.isTls) return needless('without TLS browsers ignore it')
      const [, age] = /max-age\s*=\s*"?(\d+)/i.exec(directive.args[1] ?? '') ?? []
      if (age === undefined) return lost('there is no max-age in it')
      return carried('browsers are told to come by HTTPS alone', { flag: '--hsts', value: `${age}s` })
    },
  ),
]

/** Paths are meant from the folder of nginx.conf. */
function file(flag: '--tls-cert' | '--tls-key'): Reader {
  return ({ directive }, site) => {
    const [path = ''] = directive.args
    if (!site.isTls) return needless('the site does not listen with ssl')
    if (/[$]|^(?:data|engine|store):/.test(path)) return lost(`${flag} takes the path of a file`)
    const value = resolve(site.prefix, path)
    const verdict = carried('read from the same file', { flag: '--tls', value: 'files' }, { flag, value })
    if (isAbsolute(path)) return verdict
    return {
      ...verdict,
      todo: `nginx takes "${path}" from the folder of nginx.conf, as far as is seen ${site.prefix}: look whether ${value} is it`,
    }
  }
}
