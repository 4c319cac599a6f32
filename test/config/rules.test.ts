import t from 'tap'
import { parseConfig } from '../../gateway/config/parse.ts'

function mistakes(...argv: string[]): readonly string[] {
  const parsed = parseConfig(['--backends', 'static:10.0.0.2:8888', ...argv], {}, () => '')
  return parsed.ok === false ? parsed.mistakes : []
}

t.test('--tls files needs a certificate and a key', async (t) => {
  t.match(mistakes('--tls', 'files'), [/^--tls files needs --tls-cert FILE/, /^--tls files needs --tls-key FILE/])
  t.match(mistakes('--tls', 'files', '--tls-cert', 'c'), [/^--tls files needs --tls-key FILE/])
  t.strictSame(mistakes('--tls', 'files', '--tls-cert', 'c', '--tls-key', 'k'), [])
})

t.test('a certificate or key without --tls files is a mistake, not ignored', async (t) => {
  t.strictSame(mistakes('--tls-cert', 'c.pem'), [
    '--tls-cert is of use with --tls files only, for example --tls files --tls-cert c.pem; got --tls self-signed',
  ])
  t.match(mistakes('--tls', 'off', '--tls-key', 'k'), [/^--tls-key is of use with --tls files only/])
})

t.test('--tls-name without --tls self-signed is a mistake', async (t) => {
  t.match(mistakes('--tls', 'off', '--tls-name', 'a,b'), [/--tls-name a,b; got --tls off$/])
})

t.test('listen and admin must not want the same port', async (t) => {
  t.match(mistakes('--listen', '127.0.0.1:9090'), [/^--admin must not be the address of --listen/])
  t.match(mistakes('--listen', '0.0.0.0:9090'), [/^--admin must not be/])
  t.match(mistakes('--listen', '10.0.0.1:9090', '--admin', '[::]:9090'), [/^--admin must not be/])
  t.strictSame(mistakes('--listen', '10.0.0.1:9090'), [])
  t.strictSame(mistakes('--listen', '0.0.0.0:9090', '--admin', 'off'), [])
  t.strictSame(mistakes('--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'), [])
})

t.test('the gateway must not be its own backend', async (t) => {
  t.match(mistakes('--listen', '10.0.0.2:8888'), [/^--backends must not name the gateway's own --listen address/])
  t.match(mistakes('--admin', '10.0.0.2:8888'), [/^--backends must not name the gateway's own --admin address/])
})

t.test('--dns-server without --backends dns: is a mistake, not ignored', async (t) => {
  t.match(mistakes('--dns-server', '127.0.0.11'), [/^--dns-server is of use with --backends dns: only/])
  const byName = ['--backends', 'dns:tasks.a:1', '--dns-server', '127.0.0.11,[::1]:5353']
  t.equal(parseConfig(byName, {}, () => '').ok, true)
})

t.test('--gone-after must be longer than a probe and than the pause between surveys', async (t) => {
  t.strictSame(mistakes('--gone-after', '10s', '--probe-timeout', '10s'), [
    '--gone-after must be longer than --probe-timeout, for example --gone-after 30s; got 10s beside 10s',
  ])
  t.match(mistakes('--gone-after', '10s', '--survey-every', '1m'), [/^--gone-after must be longer than --survey-every/])
})

t.test('a rule says nothing of an option that is wrong by itself', async (t) => {
  t.equal(mistakes('--tls', 'fils', '--tls-cert', 'c').length, 1)
  t.equal(mistakes('--gone-after', '10', '--survey-every', '1m').length, 1)
})

t.test('--proxy-protocol on needs somebody to trust', async (t) => {
  t.match(mistakes('--proxy-protocol', 'on'), [/^--proxy-protocol on needs --trust CIDR/])
  t.strictSame(mistakes('--proxy-protocol', 'on', '--trust', '10.0.0.0/8'), [])
  t.strictSame(mistakes('--trust', '10.0.0.0/8'), [])
})

t.test('--hsts is for certificates that every browser believes', async (t) => {
  const files = ['--tls', 'files', '--tls-cert', 'c', '--tls-key', 'k']
  t.strictSame(mistakes(...files, '--hsts', '365d'), [])
  t.match(mistakes('--hsts', '365d'), [
    /^--hsts is of use with --tls files only, .* locked out; got --tls self-signed$/,
  ])
  t.match(mistakes('--tls', 'off', '--hsts', '0s'), [/^--hsts is of use with --tls files only, .*; got --tls off$/])
})

t.test('--redirect needs an address of its own, and HTTPS to lead to', async (t) => {
  t.strictSame(mistakes('--redirect', '127.0.0.1:8080'), [])
  t.match(mistakes('--redirect', '0.0.0.0:8443'), [/^--redirect must not be the address of --listen/])
  t.match(mistakes('--redirect', '127.0.0.1:9090'), [/^--redirect must not be the address of --admin/])
  t.strictSame(mistakes('--redirect', '127.0.0.1:9090', '--admin', 'off'), [])
  t.match(mistakes('--tls', 'off', '--redirect', '127.0.0.1:8080'), [/^--redirect must be off where there is no HTTPS/])
})

t.test('an admin token without an admin listener is a mistake, and so is a short one', async (t) => {
  const of = (token: string, ...argv: string[]) => {
    const parsed = parseConfig(['--backends', 'static:10.0.0.2:8888', ...argv], { PYLI_ADMIN_TOKEN: token }, () => '')
    return parsed.ok === false ? parsed.mistakes : []
  }
  t.match(of('an-operators-token', '--admin', 'off'), [/^--admin-token-file is of use with an admin listener only/])
  t.strictSame(of('an-operators-token'), [])
  t.match(of('too-short'), [/^PYLI_ADMIN_TOKEN must hold one line of 16 or more characters/])
  t.match(
    mistakes('--admin-token-file', 'empty'),
    [/^--admin-token-file must name a file that holds a secret/],
    'an empty file guards nothing',
  )
  t.match(mistakes('--admin-token', 'hunter2'), [/^--admin-token is refused, .*--admin-token-file FILE/])
})
