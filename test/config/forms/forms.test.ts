import t, { type Test } from 'tap'
import { address, certificateName, dnsServer, formatAddress } from '../../../gateway/config/forms/address.ts'
import { backends } from '../../../gateway/config/forms/backends.ts'
import { type Form, listOf, orWord } from '../../../gateway/config/forms/form.ts'
import { network } from '../../../gateway/config/forms/network.ts'
import { bytes, count, duration, longTime, rate } from '../../../gateway/config/forms/quantity.ts'
import { baseUrl, path } from '../../../gateway/config/forms/text.ts'
import { days, gibibytes, kibibytes, mebibytes, minutes, ms } from '../../../gateway/config/units.ts'

function reads<T>(t: Test, form: Form<T>, text: string, value: T): void {
  t.strictSame(form.read(text), { value }, JSON.stringify(text))
}

function refuses<T>(t: Test, form: Form<T>, must: RegExp, texts: readonly string[]): void {
  for (const text of texts) t.match(form.read(text), { must }, JSON.stringify(text))
}

t.test('a time needs a unit, and is never longer than setTimeout can hold', async (t) => {
  const form = duration()
  reads(t, form, '500ms', ms(500))
  reads(t, form, '2s', ms(2000))
  reads(t, form, '24h', ms(86_400_000))
  refuses(t, form, /^look like 500ms, 2s or 1m$/, ['30', '', 's', '1.5s', '-1s', '2 s', '1d', '1toString'])
  refuses(t, form, /^be from 1ms to 24h$/, ['0s', '25h', '99999999999999999999h'])
  reads(t, duration({ least: ms(0) }), '0s', ms(0))
})

t.test('a time is written in the largest unit that leaves it whole', async (t) => {
  t.strictSame(
    [0, 1, 1500, 75_000, 300_000, 7_200_000].map((value) => duration().write(ms(value))),
    ['0s', '1ms', '1500ms', '75s', '5m', '2h'],
  )
})

t.test('a size has bounds and a binary unit', async (t) => {
  const form = bytes({ least: kibibytes(1), most: mebibytes(64) })
  reads(t, form, '512KiB', kibibytes(512))
  reads(t, form, '1MiB', mebibytes(1))
  refuses(t, form, /^look like/, ['1MB', '1048576', '1mib'])
  refuses(t, form, /^be from 1KiB to 64MiB$/, ['0KiB', '65MiB'])
})

t.test('a count is a whole number between its bounds', async (t) => {
  reads(t, count({ least: 1, most: 100 }), '100', 100)
  refuses(t, count({ least: 1, most: 100 }), /^be a whole number from 1 to 100$/, [
    '0',
    '101',
    '1e1',
    '0x2',
    '',
    ' 2',
    '-1',
  ])
})

t.test('an address is host:port, with IPv6 in brackets', async (t) => {
  const form = address({ leastPort: 0 })
  reads(t, form, '127.0.0.1:0', { host: '127.0.0.1', port: 0 })
  reads(t, form, 'Tasks.jupyter_1:8888', { host: 'tasks.jupyter_1', port: 8888 })
  reads(t, form, '[0:0::1]:8888', { host: '::1', port: 8888 })
  refuses(t, form, /^look like host:port/, [
    'localhost',
    ':80',
    '80',
    '::1:80',
    '[::1]',
    '[10.0.0.1]:80',
    '[fe80::1%eth0]:80',
    '256.0.0.1:80',
    '10.0.0:80',
    '0x7f000001:80',
    'a b:80',
    'http://a:80',
    '-a:80',
    'a..b:80',
  ])
  refuses(t, form, /^have a port from 0 to 65535$/, ['a:65536'])
  refuses(t, address({ leastPort: 1 }), /^have a port from 1/, ['a:0'])
})

t.test('a written address puts IPv6 in brackets again', async (t) => {
  t.equal(formatAddress({ host: '::1', port: 80 }), '[::1]:80')
  t.equal(formatAddress({ host: 'a', port: 80 }), 'a:80')
})

t.test('a name in a certificate has no port; a star covers one label', async (t) => {
  reads(t, certificateName, '*.Example.org', '*.example.org')
  reads(t, certificateName, '0::1', '::1')
  refuses(t, certificateName, /^be host names or IP addresses/, [
    'a:80',
    '[::1]',
    '*',
    '*.',
    '*.1.2.3.4',
    'a.*.b',
    '*.::1',
  ])
})

t.test('backends are found in a way that the prefix names, and each is named once', async (t) => {
  reads(t, backends, 'static:a:1, [::1]:2', {
    kind: 'static',
    addresses: [
      { host: 'a', port: 1 },
      { host: '::1', port: 2 },
    ],
  })
  refuses(t, backends, /^begin with a known way to find backends \(static:, dns:\)$/, [
    'a:1',
    'srv:tasks.a:1',
    '',
    'constructor:a:1',
  ])
  refuses(t, backends, /^name each backend once, and a:1 is there twice$/, ['static:a:1,b:1,A:1'])
  refuses(t, backends, /^name each backend once, and \[::1\]:1 is there twice$/, ['static:[::1]:1,[0::1]:1'])
  refuses(t, backends, /^name each backend as host:port, and "a" must look like/, ['static:a', 'static:b:1,a'])
  refuses(t, backends, /^name each backend as host:port, and "" must/, ['static:', 'static:a:1,'])
  refuses(t, backends, /^name each backend as host:port, and "a:0" must have a port from 1/, ['static:a:0'])
})

t.test('backends are found by a DNS name, which is no address', async (t) => {
  reads(t, backends, 'dns:Tasks.jupyter:8888', { kind: 'dns', name: 'tasks.jupyter', port: 8888 })
  t.equal(backends.write({ kind: 'dns', name: 'tasks.jupyter', port: 8888 }), 'dns:tasks.jupyter:8888')
  refuses(t, backends, /^be dns:NAME:PORT, and ".*" must /, ['dns:', 'dns:a', 'dns:a:0', 'dns:a:1,b:1', 'dns:a b:1'])
  refuses(t, backends, /^ask DNS for a name, and 10\.0\.0\.2 is an address \(static:10\.0\.0\.2:1\)$/, [
    'dns:10.0.0.2:1',
  ])
  refuses(t, backends, /^ask DNS for a name, and ::1 is an address \(static:\[::1\]:1\)$/, ['dns:[::1]:1'])
})

t.test('a DNS server is an address, at port 53 unless it says another', async (t) => {
  reads(t, dnsServer, '127.0.0.11', { host: '127.0.0.11', port: 53 })
  reads(t, dnsServer, '10.0.0.1:5353', { host: '10.0.0.1', port: 5353 })
  for (const text of ['fd00:0::1', '[fd00::1]', '[fd00::1]:53'])
    reads(t, dnsServer, text, { host: 'fd00::1', port: 53 })
  refuses(t, dnsServer, /^be IP addresses/, [
    'dns.example',
    '',
    '10.0.0',
    '256.0.0.1',
    '[10.0.0.1]',
    'fe80::1%eth0',
    '1.1.1.1:',
  ])
  refuses(t, dnsServer, /^have ports from 1 to 65535$/, ['10.0.0.1:0', '10.0.0.1:65536'])
})

t.test('a base URL begins and ends with a slash and can be spelt in one way only', async (t) => {
  for (const text of ['', '/']) reads(t, baseUrl, text, '/')
  for (const text of ['a', '/a', 'a/', '/a/']) reads(t, baseUrl, text, '/a/')
  reads(t, baseUrl, '/user/me@here/', '/user/me@here/')
  refuses(t, baseUrl, /^be a path/, ['//', '/a//b', '/../', '/a/./b', '/a%2Fb', '/a b/', '/a?b', 'http://a/', '/ä/'])
})

t.test('a list drops empty items and refuses as its items do', async (t) => {
  const form = listOf(count({ least: 1, most: 9 }))
  reads(t, form, ' 1, 2,,', [1, 2])
  reads(t, form, '', [])
  refuses(t, form, /^be a whole number/, ['1,x'])
})

t.test('a word can stand for a value, and the refusal tells of it', async (t) => {
  const form = orWord('off', address({ leastPort: 0 }))
  reads(t, form, 'off', 'off')
  t.equal(form.write('off'), 'off')
  refuses(t, form, /, or be off$/, ['on'])
})

t.test('a path is not empty', async (t) => {
  refuses(t, path, /^name a file or folder$/, ['', ' ', 'a\0b'])
})

t.test('a network is an address, a prefix or a known word', async (t) => {
  reads(t, network, '10.0.0.0/8', '10.0.0.0/8')
  reads(t, network, '192.0.2.1', '192.0.2.1')
  reads(t, network, '2001:DB8:0::/32', '2001:db8::/32')
  reads(t, network, 'loopback', 'loopback')
  refuses(t, network, /^be addresses, networks such as 10\.0\.0\.0\/8, or loopback or private/, [
    ...[
      '',
      'all',
      '10.0.0.0/33',
      '10.0.0/8',
      '10.0.0.0/',
      '2001:db8::/129',
      'fe80::1%eth0',
      'a.example',
      '10.0.0.0/8/8',
    ],
  ])
  refuses(t, network, /^name IPv4 networks as such/, ['::ffff:10.0.0.0/104'])
})

t.test('a rate is a count in a time', async (t) => {
  const form = rate({ most: 100 })
  reads(t, form, '10/1m', { count: 10, time: minutes(1) })
  t.equal(form.write({ count: 3, time: ms(30_000) }), '3/30s')
  refuses(t, form, /^look like 10\/1m/, ['10', '10/', '/1m', '10/1m/1m', '10/60', '10/0s'])
  refuses(t, form, /^have a count from 1 to 100$/, ['0/1m', '101/1m', 'x/1m'])
})

t.test('a size may be nothing where that means no limit', async (t) => {
  const form = bytes({ least: kibibytes(0), most: gibibytes(2) })
  reads(t, form, '0', kibibytes(0))
  reads(t, form, '2GiB', gibibytes(2))
  t.equal(form.write(kibibytes(0)), '0')
  refuses(t, form, /^be from 0 to 2GiB$/, ['3GiB'])
})

t.test('a time that is only told may be two years long, and is written in days', async (t) => {
  const form = longTime({ most: days(730) })
  reads(t, form, '31536000s', days(365))
  reads(t, form, '730d', days(730))
  reads(t, form, '24h', days(1))
  reads(t, form, '0s', ms(0))
  t.same(form.read('731d'), { must: 'be from 0s to 730d' })
  t.same(form.read('500ms'), { must: 'look like 3600s, 24h or 365d' })
  t.equal(form.write(days(365)), '365d')
  t.match(duration().read('25h'), { must: /to 24h$/ }, 'one that is waited for may not')
})
