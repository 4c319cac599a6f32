import t from 'tap'
import { type ReadRequest, RequestReader } from '../../gateway/front/request-reader.ts'
import { type Fault, Malformed } from '../../gateway/http1/malformed.ts'

const limits = { headBytes: 1_000, fields: 10, targetBytes: 200 }

interface Told {
  readonly requests: (Omit<ReadRequest, 'headers'> & { headers: string; body: string; whole: boolean })[]
  readonly fault: Fault | undefined
}

/** All requests in these pieces, up to the first that is refused. */
function read(pieces: readonly Buffer[]): Told {
  const requests: Told['requests'] = []
  const reader = new RequestReader(limits, {
    onHead: (request) => {
      requests.push({ ...request, headers: request.headers.join('|'), body: '', whole: false })
    },
    onBody: (part) => {
      const request = requests.at(-1)
      if (request) request.body += part.toString('latin1')
      return true
    },
    onEnd: () => {
      const request = requests.at(-1)
      if (request) request.whole = true
    },
  })
  try {
    for (const piece of pieces) {
      for (let at = 0; at < piece.length; ) {
        if (reader.over) reader.next()
        at += reader.read(piece.subarray(at))
      }
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return { requests, fault: error.fault }
  }
  return { requests, fault: undefined }
}

/** Text where \n stands for CRLF, and ␊ for LF alone. */
function bytes(text: string): Buffer {
  return Buffer.from(text.replaceAll('\n', '\r\n').replaceAll('␊', '\n'), 'latin1')
}

/** Cut in two at every place, and octet by octet. */
function* splits(whole: Buffer): Generator<Buffer[]> {
  for (let at = 0; at <= whole.length; at++) yield [whole.subarray(0, at), whole.subarray(at)]
  yield Array.from(whole, (octet) => Buffer.from([octet]))
}

const readable: [title: string, text: string, requests: Partial<Told['requests'][number]>[]][] = [
  [
    'a request without a body',
    'GET /lab?a=b HTTP/1.1\nHost: a\nX: \xe9\n\n',
    [{ method: 'GET', target: '/lab?a=b', minorVersion: 1, headers: 'Host|a|X|\xe9', length: 0, persistent: true }],
  ],
  ['a request without a header', 'GET / HTTP/1.0\n\n', [{ minorVersion: 0, headers: '', persistent: false }]],
  [
    'any token as a method',
    "M-SEARCH!#$%&'*+.^_`|~9 * HTTP/1.1\n\n",
    [{ method: "M-SEARCH!#$%&'*+.^_`|~9", target: '*' }],
  ],
  ['a target byte for byte', 'GET //a/../%2e\\"#\xe9 HTTP/1.1\n\n', [{ target: '//a/../%2e\\"#\xe9' }]],
  ['a body with a length', 'PUT /a HTTP/1.1\nContent-Length: 5\n\na\n\nb', [{ length: 5, body: 'a\r\n\r\n' }]],
  [
    'a chunked body, its extensions and trailers dropped',
    'PUT /a HTTP/1.1\nTransfer-Encoding: chunked\nX: y\n\n5;a=b\nhello\n00A\n, my world\n0;c\nX: evil\nHost: b\n\n',
    [{ length: undefined, body: 'hello, my world', headers: 'Transfer-Encoding|chunked|X|y' }],
  ],
  [
    'one request after the other',
    'POST /a HTTP/1.1\nContent-Length: 1\n\nxPUT /b HTTP/1.1\nTransfer-Encoding: chunked\n\n1\ny\n0\n\nGET /c HTTP/1.1\n\n',
    [
      { target: '/a', body: 'x' },
      { target: '/b', body: 'y' },
      { target: '/c', body: '' },
    ],
  ],
  [
    'one empty line before each of them',
    '\nGET /a HTTP/1.1\n\n\nGET /b HTTP/1.1\n\n',
    [{ target: '/a' }, { target: '/b' }],
  ],
  ['Connection: close', 'GET / HTTP/1.1\nConnection: close\n\n', [{ persistent: false }]],
  ['HTTP/1.0 with keep-alive', 'GET / HTTP/1.0\nConnection: keep-alive\n\n', [{ persistent: true }]],
]

for (const [title, text, expected] of readable) {
  t.test(`reads ${title}, split anywhere`, async (t) => {
    const whole = bytes(text)
    const requests = read([whole]).requests
    t.match(requests, expected)
    t.equal(requests.length, expected.length)
    for (const pieces of splits(whole)) {
      const told = read(pieces)
      if (told.fault !== undefined) t.fail(told.fault)
      if (JSON.stringify(told.requests) !== JSON.stringify(requests)) t.fail(pieces.join('✂'))
      if (!told.requests.every(({ whole }) => whole)) t.fail('a request has no end')
    }
  })
}

t.test('a body with a length ends there, and what follows is another request', async (t) => {
  const { requests, fault } = read([bytes('PUT /a HTTP/1.1\nContent-Length: 2\n\nabcd / HTTP/1.1\n\n')])
  t.match(requests, [{ body: 'ab' }, { method: 'cd' }])
  t.equal(fault, undefined)
})

const post = 'POST / HTTP/1.1\n'
const chunked = `${post}Transfer-Encoding: chunked\n\n`

const refused: [title: string, text: string, fault?: Fault][] = [
  ['two empty lines before it', '\n\nGET / HTTP/1.1\n\n'],
  ['a space before it', ' GET / HTTP/1.1\n\n'],
  ['no method', '/ HTTP/1.1\n\n'],
  ['a method that is no token', 'G(T / HTTP/1.1\n\n'],
  ['two spaces before the target', 'GET  / HTTP/1.1\n\n'],
  ['two spaces behind the target', 'GET /  HTTP/1.1\n\n'],
  ['a space at the end of its first line', 'GET / HTTP/1.1 \n\n'],
  ['a tab for a space', 'GET\t/ HTTP/1.1\n\n'],
  ['a space in the target', 'GET /a b HTTP/1.1\n\n'],
  ['NUL in the target', 'GET /a\0b HTTP/1.1\n\n'],
  ['no version (HTTP/0.9)', 'GET /\n\n'],
  ['a version of another protocol', 'GET / ICY/1.1\n\n'],
  ['a version in small letters', 'GET / http/1.1\n\n'],
  ['a version with more digits', 'GET / HTTP/1.10\n\n'],
  ['a version with fewer', 'GET / HTTP/1\n\n'],
  ['HTTP/1.2', 'GET / HTTP/1.2\n\n', 'version-unknown'],
  ['HTTP/2.0', 'PRI * HTTP/2.0\n\nSM\n\n', 'version-unknown'],
  ['HTTP/0.9 by name', 'GET / HTTP/0.9\n\n', 'version-unknown'],
  ['a bare LF behind its first line', 'GET / HTTP/1.1␊Host: a\n\n'],
  ['a bare LF behind a header', 'GET / HTTP/1.1\nX: ab␊Y: c\n\n'],
  ['a bare LF at the end of its head', 'GET / HTTP/1.1\nX: ab\n␊'],
  ['a bare LF behind a trailer', `${chunked}0\nX: ab␊\n`],
  ['DEL in the target', 'GET /a\x7fb HTTP/1.1\n\n'],
  ['a bare CR in its first line', 'GET /\rHTTP/1.1\n\n'],
  ['two CRs before the LF', 'GET / HTTP/1.1\nHost: a\r\n\n'],
  ['a TLS handshake', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\n'],
  ['a space before the colon', 'GET / HTTP/1.1\nHost : a\n\n'],
  ['a folded line', 'GET / HTTP/1.1\nHost: a\n b\n\n'],
  ['a line that is folded with a tab', 'GET / HTTP/1.1\nHost: a\n\tb\n\n'],
  ['a space before the first header', 'GET / HTTP/1.1\n Host: a\n\n'],
  ['an empty name', 'GET / HTTP/1.1\n: a\n\n'],
  ['a header without a colon', 'GET / HTTP/1.1\nHost\n\n'],
  ['a NUL in a value', 'GET / HTTP/1.1\nX: a\0b\n\n'],
  ['a bare CR in a value', 'GET / HTTP/1.1\nX: a\rY: b\n\n'],
  ['a line of CR alone', 'GET / HTTP/1.1\nX: a\n\r\n\n'],
  ['both framings', `${post}Content-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n`],
  ['two lengths', `${post}Content-Length: 5\nContent-Length: 5\n\nhello`],
  ['a list of lengths', `${post}Content-Length: 5, 5\n\nhello`],
  ['a length with a sign', `${post}Content-Length: +5\n\nhello`],
  ['a length over 2^53', `${post}Content-Length: 9007199254740993\n\n`],
  ['an unknown coding', `${post}Transfer-Encoding: gzip, chunked\n\n0\n\n`, 'coding-unknown'],
  ['chunked in HTTP/1.0', 'POST / HTTP/1.0\nTransfer-Encoding: chunked\n\n0\n\n'],
  ['a chunk without a size', `${chunked}\nhello\n0\n\n`],
  ['a chunk size with a sign', `${chunked}+5\nhello\n0\n\n`],
  ['a chunk size with 0x', `${chunked}0x5\nhello\n0\n\n`],
  ['a chunk size with an underscore', `${chunked}1_0\nhello\n0\n\n`],
  ['a chunk size with a space before it', `${chunked} 5\nhello\n0\n\n`],
  ['a chunk size with a space behind it', `${chunked}5 \nhello\n0\n\n`],
  ['a chunk size beyond numbers', `${chunked}10000000000000000\n`],
  ['a chunk longer than its size', `${chunked}4\nhello\n0\n\n`],
  ['a chunk shorter than its size', `${chunked}6\nhello\n0\n\n`],
  ['a chunk line with a bare LF', `${chunked}5␊hello\n0\n\n`],
  ['a chunk that ends with a bare LF', `${chunked}5\nhello␊0\n\n`],
  ['a bare CR in a chunk extension', `${chunked}5;a\rb\nhello\n0\n\n`],
  ['a bare LF in a chunk extension', `${chunked}5;a␊b\nhello\n0\n\n`],
  ['a chunk extension without a name', `${chunked}5;\nhello\n0\n\n`],
  ['a chunk extension with a space', `${chunked}5; a=b\nhello\n0\n\n`],
  ['a length in the trailers', `${chunked}0\nContent-Length: 5\n\n`],
  ['a folded trailer', `${chunked}0\nX: a\n b\n\n`],
  ['a trailer without a name', `${chunked}0\n: a\n\n`],
  ['a chunk extension without end', `${chunked}5;${'x'.repeat(5_000)}`],
  ['a target over its limit', `GET /${'a'.repeat(200)} HTTP/1.1\n\n`, 'target-too-long'],
  ['a target without end', `GET /${'a'.repeat(300)}`, 'target-too-long'],
  ['a header over the limit', `GET / HTTP/1.1\nX: ${'a'.repeat(1_000)}\n\n`, 'head-too-large'],
  ['a header without end', `GET / HTTP/1.1\nX: ${'a'.repeat(1_000)}`, 'head-too-large'],
  ['too many headers', `GET / HTTP/1.1\n${'X: a\n'.repeat(11)}\n`, 'head-too-large'],
  ['trailers over the limit', `${chunked}0\nX: ${'a'.repeat(1_000)}`, 'head-too-large'],
  ['too many trailers', `${chunked}0\n${'X: a\n'.repeat(11)}\n`, 'head-too-large'],
]

for (const [title, text, fault = 'malformed'] of refused) {
  t.test(`refuses ${title}, split anywhere`, async (t) => {
    const whole = bytes(text)
    t.equal(read([whole]).fault, fault)
    t.ok(read([whole]).requests.every((request) => !request.whole))
    for (const pieces of splits(whole)) {
      const told = read(pieces)
      if (told.fault !== fault) t.fail(`${told.fault}: ${pieces.join('✂')}`)
    }
  })
}
