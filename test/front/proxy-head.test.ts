import t from 'tap'
import { type ProxyReading, readProxyHead } from '../../gateway/front/proxy-head.ts'

const signature = '\r\n\r\n\0\r\nQUIT\n'
const latin1 = (text: string) => Buffer.from(text, 'latin1')

/** A head of version 2: its 13th and 14th byte, and what follows. */
function binary(command: number, family: number, rest: Buffer, length = rest.length): Buffer {
  const fixed = Buffer.alloc(4)
  fixed[0] = command
  fixed[1] = family
  fixed.writeUInt16BE(length, 2)
  return Buffer.concat([latin1(signature), fixed, rest])
}

const v4 = Buffer.from([192, 0, 2, 7, 10, 0, 0, 1, 0xc3, 0x50, 1, 0xbb])
const v6 = Buffer.concat([Buffer.from('20010db8000000000000000000000007', 'hex'), Buffer.alloc(16), Buffer.alloc(4)])

const good: [title: string, head: Buffer, address: string | undefined][] = [
  ['version 1 over IPv4', latin1('PROXY TCP4 192.0.2.7 10.0.0.1 50000 443\r\n'), '192.0.2.7'],
  ['version 1 over IPv6', latin1('PROXY TCP6 2001:db8::7 2001:db8::1 50000 443\r\n'), '2001:db8::7'],
  ['version 1 that knows nothing', latin1('PROXY UNKNOWN\r\n'), undefined],
  ['version 1 that says more of nothing', latin1('PROXY UNKNOWN ff::1 ff::2 1 2\r\n'), undefined],
  ['version 2 over IPv4', binary(0x21, 0x11, v4), '192.0.2.7'],
  ['version 2 over IPv6', binary(0x21, 0x21, v6), '2001:db8::7'],
  ['version 2 with notes behind', binary(0x21, 0x11, Buffer.concat([v4, latin1('\x04\0\x01x')])), '192.0.2.7'],
  ['version 2 of the proxy itself', binary(0x20, 0x11, v4), undefined],
  ['version 2 of the proxy itself, without addresses', binary(0x20, 0, Buffer.alloc(0)), undefined],
  ['version 2 of what is no TCP', binary(0x21, 0x31, Buffer.alloc(216)), undefined],
]

for (const [title, head, address] of good) {
  t.test(`reads ${title}, split anywhere, and leaves what follows`, async (t) => {
    t.same(readProxyHead(Buffer.concat([head, latin1('GET / HTTP/1.1\r\n')])), { address, length: head.length })
    for (let end = 0; end < head.length; end++) {
      const reading: ProxyReading = readProxyHead(head.subarray(0, end))
      if (reading !== 'more') t.fail(`${end}: ${JSON.stringify(reading)}`)
    }
  })
}

t.test('what no proxy sends is wrong, as early as it can be told', async (t) => {
  for (const bytes of [
    latin1('G'),
    latin1('GET / HTTP/1.1\r\n'),
    latin1('\x16\x03\x01'),
    latin1('PROXZ'),
    latin1('proxy tcp4 192.0.2.7 10.0.0.1 1 2\r\n'),
    latin1('PROXY TCP4 192.0.2.7 10.0.0.1 1\r\n'),
    latin1('PROXY TCP4 192.0.2.7 10.0.0.1 1 65536\r\n'),
    latin1('PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n'),
    latin1('PROXY TCP4 192.0.2.777 10.0.0.1 1 2\r\n'),
    latin1('PROXY TCP4  192.0.2.7 10.0.0.1 1 2\r\n'),
    latin1('PROXY TCP4 192.0.2.7 10.0.0.1 1 2 \r\n'),
    latin1('PROXY TCP4 192.0.2.7 10.0.0.1 1 2\nGET / HTTP/1.1\r\n'),
    latin1(`PROXY UNKNOWN ${'x'.repeat(100)}\r\n`),
    latin1('\r\n\r\n\0\r\nQUIX'),
    binary(0x11, 0x11, v4),
    binary(0x22, 0x11, v4),
    binary(0x21, 0x11, v4.subarray(0, 11)),
    binary(0x21, 0x21, v4),
    binary(0x21, 0x11, v4, 60_000),
  ]) {
    t.equal(readProxyHead(bytes), 'wrong', JSON.stringify(bytes.toString('latin1')))
  }
})
