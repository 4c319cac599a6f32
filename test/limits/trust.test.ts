import t from 'tap'
import { Trust } from '../../gateway/limits/trust.ts'

const trust = new Trust(['10.0.0.0/8', '2001:db8::/32'])

function originOf(peer: string, xff: string | readonly string[], proto: string | readonly string[] = []) {
  const forwarded = { for: [xff].flat(), proto: [proto].flat() }
  return trust.originOf({ address: peer, encrypted: false }, forwarded)
}

t.test('a stranger’s word of himself is not heard', async (t) => {
  t.strictSame(originOf('192.0.2.9', '1.2.3.4', 'https'), { address: '192.0.2.9', encrypted: false })
  t.strictSame(
    new Trust([]).originOf({ address: '10.0.0.1', encrypted: true }, { for: ['1.2.3.4'], proto: ['http'] }),
    {
      address: '10.0.0.1',
      encrypted: true,
    },
  )
})

// [peer, X-Forwarded-For, the client, the proxies between]
const spoofing: readonly [string, string | readonly string[], string, readonly string[]][] = [
  ['10.0.0.1', '198.51.100.7', '198.51.100.7', ['10.0.0.1']],
  ['::ffff:10.0.0.1', '198.51.100.7', '198.51.100.7', ['::ffff:10.0.0.1']],
  // What a client writes in front stands left of what the proxy saw.
  ['10.0.0.1', '127.0.0.1, 198.51.100.7', '198.51.100.7', ['10.0.0.1']],
  ['10.0.0.1', '10.9.9.9, 198.51.100.7', '198.51.100.7', ['10.0.0.1']],
  ['10.0.0.1', ['1.1.1.1', '198.51.100.7'], '198.51.100.7', ['10.0.0.1']],
  // Several proxies.
  ['10.0.0.1', '198.51.100.7, 10.0.0.3, 10.0.0.2', '198.51.100.7', ['10.0.0.3', '10.0.0.2', '10.0.0.1']],
  ['10.0.0.1', '6.6.6.6, 198.51.100.7,10.0.0.2', '198.51.100.7', ['10.0.0.2', '10.0.0.1']],
  ['2001:db8::1', '198.51.100.7', '198.51.100.7', ['2001:db8::1']],
  // All of them trusted: the farthest is the client, as for a request from within.
  ['10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3', ['10.0.0.2', '10.0.0.1']],
  // Spellings of addresses.
  ['10.0.0.1', '198.51.100.7:5123', '198.51.100.7', ['10.0.0.1']],
  ['10.0.0.1', '[2001:DB9::0:7]:5123', '2001:db9::7', ['10.0.0.1']],
  ['10.0.0.1', '2001:db9::7', '2001:db9::7', ['10.0.0.1']],
  ['10.0.0.1', '::ffff:198.51.100.7', '198.51.100.7', ['10.0.0.1']],
  // What is none counts as absent, and nothing behind it is believed.
  ['10.0.0.1', '', '10.0.0.1', []],
  ['10.0.0.1', 'unknown', '10.0.0.1', []],
  ['10.0.0.1', '198.51.100.7, unknown', '10.0.0.1', []],
  ['10.0.0.1', '198.51.100.7,', '10.0.0.1', []],
  ['10.0.0.1', '198.51.100.7, evil, 10.0.0.2', '10.0.0.2', ['10.0.0.1']],
  ['10.0.0.1', '1.2.3.4.5', '10.0.0.1', []],
  ['10.0.0.1', '010.0.0.9', '10.0.0.1', []],
  ['10.0.0.1', '<script>', '10.0.0.1', []],
  ['10.0.0.1', '1.2.3.4\t5', '10.0.0.1', []],
]

t.test('of what trusted proxies tell, the nearest stranger is the client', async (t) => {
  for (const [peer, xff, address, via] of spoofing) {
    t.match(originOf(peer, xff), { address, via: [...via] }, `${peer}: ${xff}`)
    t.equal(originOf(peer, xff).via?.length, via.length)
  }
})

t.test('a scheme counts if it is one, alone, and http or https', async (t) => {
  for (const [proto, encrypted] of [
    ['https', true],
    ['HTTPS', true],
    ['http', false],
    [['https', 'http'], false],
    ['https,http', false],
    ['wss', false],
    ['', false],
  ] as const) {
    t.equal(originOf('10.0.0.1', '198.51.100.7', proto).encrypted, encrypted, `${proto}`)
  }
  const overTls = { address: '10.0.0.1', encrypted: true }
  t.equal(trust.originOf(overTls, { for: [], proto: ['http'] }).encrypted, false, 'the client’s own connection counts')
  t.equal(trust.originOf(overTls, { for: [], proto: ['ftp'] }).encrypted, true)
})
