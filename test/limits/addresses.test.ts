import t from 'tap'
import { clientKey, Networks, plainAddress } from '../../gateway/limits/addresses.ts'

t.test('IPv4 in IPv6 is IPv4, and one address has one spelling', async (t) => {
  for (const [text, plain] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:DB8::0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['192.0.2.01', undefined],
    ['localhost', undefined],
    ['', undefined],
  ] as const) {
    t.equal(plainAddress(text), plain, text)
  }
})

t.test('a client is one IPv4 address, or a whole /64 of IPv6', async (t) => {
  for (const [address, key] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::ffff', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:1::', '2001:db8:0:1::/64'],
    ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['1:2:3::4.5.6.7', '1:2:3:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ] as const) {
    t.equal(clientKey(address), key, address)
  }
  t.not(clientKey('2001:db8:0:1::1'), clientKey('2001:db8:0:2::1'))
})

t.test('a network has its own addresses and no others, in either family', async (t) => {
  const networks = new Networks(['10.1.0.0/16', '192.0.2.7', '2001:db8::/32', 'loopback'])
  for (const inside of ['10.1.255.255', '::ffff:10.1.0.1', '192.0.2.7', '2001:db8:ffff::1', '127.9.9.9', '::1']) {
    t.ok(networks.has(inside), inside)
  }
  for (const outside of ['10.2.0.0', '192.0.2.8', '2001:db9::', '::2', '::ffff:10.2.0.1', '', 'loopback']) {
    t.notOk(networks.has(outside), outside)
  }
})

t.test('private is what nobody routes on the internet, and not this machine', async (t) => {
  const networks = new Networks(['private'])
  for (const inside of ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fd00::1', 'fe80::1%eth0']) {
    t.ok(networks.has(inside), inside)
  }
  for (const outside of ['127.0.0.1', '172.32.0.1', '8.8.8.8', '2001:db8::1']) t.notOk(networks.has(outside), outside)
})

t.test('without networks nobody is in them', async (t) => {
  const nobody = new Networks([])
  t.ok(nobody.isEmpty)
  t.notOk(nobody.has('127.0.0.1'))
})
