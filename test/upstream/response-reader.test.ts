import t from 'tap'
import { BackendFailure, type ResponseHead } from '../../gateway/upstream/client.ts'
import { ResponseReader } from '../../gateway/upstream/response-reader.ts'
import { Recorder } from '../fakes/recorder.ts'

class Listener extends Recorder {
  onSwitch(head: ResponseHead, rest: Buffer): void {
    this.told.push('onSwitch')
    this.head = head
    this.rest = rest
  }
}

interface Read {
  readonly status: number | undefined
  readonly headers: readonly string[] | undefined
  readonly length: number | undefined
  readonly body: string
  readonly information: number[]
  readonly trailers: readonly string[] | undefined
  readonly reusable: boolean
  readonly used: number
}

interface As {
  readonly method?: string
  readonly mayUpgrade?: boolean
  readonly thenEnds?: boolean
}

/** Reads a response given in these pieces. */
function read(pieces: Buffer[], { method = 'GET', mayUpgrade = false, thenEnds = false }: As = {}): Read {
  const listener = new Listener()
  const reader = new ResponseReader(method, mayUpgrade, listener)
  let used = 0
  for (const piece of pieces) used += reader.read(piece)
  if (thenEnds) reader.connectionEnded()
  return {
    status: listener.head?.status,
    headers: listener.head?.headers,
    length: listener.head?.length,
    body: listener.body,
    information: listener.information.map(({ status }) => status),
    trailers: listener.trailers,
    reusable: reader.reusable,
    used,
  }
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

/** `text` where \n stands for CRLF. */
function lines(text: string): Buffer {
  return bytes(text.replaceAll('\n', '\r\n'))
}

const readable: [title: string, response: string, expected: Partial<Read>, as?: As][] = [
  ['a body with a length', 'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello', { length: 5, body: 'hello', reusable: true }],
  ['a body without octets', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n', { length: 0, body: '', reusable: true }],
  [
    'a chunked body with extensions and trailers',
    'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5;a=b;c="d e"\nhello\n00A\n, my world\n0;last\nDigest: x\nB: \ty \n\n',
    { length: undefined, body: 'hello, my world', trailers: ['Digest', 'x', 'B', 'y'], reusable: true },
  ],
  [
    'a chunked body by another case, its chunk holding CRLF',
    'HTTP/1.1 200 OK\ntransfer-encoding: Chunked\n\n4\n\n\n\n0\n\n',
    { body: '\r\n\r\n', trailers: [], reusable: true },
  ],
  [
    'a body that ends with the connection',
    'HTTP/1.1 200 OK\n\nsome',
    { length: undefined, body: 'some', reusable: false },
    { thenEnds: true },
  ],
  [
    'interim responses before the response',
    'HTTP/1.1 100 Continue\n\nHTTP/1.1 103 Early Hints\nLink: </a>\n\nHTTP/1.1 200 OK\nContent-Length: 1\n\nx',
    { information: [100, 103], status: 200, body: 'x', headers: ['Content-Length', '1'], reusable: true },
  ],
  ['no reason', 'HTTP/1.1 200 \nContent-Length: 0\n\n', { status: 200, reusable: true }],
  ['no header', 'HTTP/1.1 204 No Content\n\n', { status: 204, headers: [], length: 0, reusable: true }],
  [
    'a 304 with the length of what it stands for',
    'HTTP/1.1 304 Not Modified\nContent-Length: 9\n\n',
    { length: 0, reusable: false },
  ],
  [
    'a HEAD with a length',
    'HTTP/1.1 200 OK\nContent-Length: 9\n\n',
    { length: 0, body: '', reusable: false },
    { method: 'HEAD' },
  ],
  [
    'a HEAD that would be chunked',
    'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n',
    { length: 0, reusable: false },
    { method: 'HEAD' },
  ],
  ['a HEAD without a length', 'HTTP/1.1 200 OK\n\n', { length: 0, reusable: true }, { method: 'HEAD' }],
  [
    'headers in their order, case and number, their values trimmed',
    `HTTP/1.1 200 OK\nSet-Cookie: a\nset-cookie:b\nX-Latin: \xe9\xff\nEMPTY:\nBlank: \t \nTab: a\tb\n\n`,
    { headers: ['Set-Cookie', 'a', 'set-cookie', 'b', 'X-Latin', '\xe9\xff', 'EMPTY', '', 'Blank', '', 'Tab', 'a\tb'] },
    { thenEnds: true },
  ],
  ['Connection: close', 'HTTP/1.1 200 OK\nConnection: x, Close\nContent-Length: 0\n\n', { reusable: false }],
  [
    'Connection: close before another Connection',
    'HTTP/1.1 200 OK\nConnection: close\nConnection: x\nContent-Length: 0\n\n',
    { reusable: false },
  ],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\nContent-Length: 0\n\n', { reusable: false }],
  ['HTTP/1.0 with another option', 'HTTP/1.0 200 OK\nConnection: x\nContent-Length: 0\n\n', { reusable: false }],
  ['HTTP/1.0 with keep-alive', 'HTTP/1.0 200 OK\nConnection: Keep-Alive\nContent-Length: 0\n\n', { reusable: true }],
  [
    'a 204 that claims a body',
    'HTTP/1.1 204 No Content\nContent-Length: 5\n\n',
    { length: 0, body: '', reusable: false },
  ],
]

for (const [title, response, expected, as] of readable) {
  const whole = lines(response)

  t.test(`reads ${title}`, async (t) => {
    const result = read([whole], as)
    for (const [key, value] of Object.entries(expected)) t.strictSame(result[key as keyof Read], value, key)
    t.equal(result.used, whole.length, 'all bytes were used')
  })

  t.test(`reads ${title}, the same wherever it is split`, async (t) => {
    const atOnce = read([whole], as)
    for (let at = 1; at < whole.length; at++) {
      const inTwo = read([whole.subarray(0, at), whole.subarray(at)], as)
      if (JSON.stringify(inTwo) !== JSON.stringify(atOnce)) t.same(inTwo, atOnce, `split at ${at}`)
    }
    t.same(
      read(
        Array.from(whole, (octet) => Buffer.of(octet)),
        as,
      ),
      atOnce,
      'octet by octet',
    )
  })
}

t.test('bytes behind a response are not used, and make the connection unusable', async (t) => {
  for (const response of [
    'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello',
    'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\nx\n0\n\n',
    'HTTP/1.1 204 No Content\n\n',
    'HTTP/1.1 304 Not Modified\nContent-Length: 2\n\n',
  ]) {
    const whole = lines(response)
    const result = read([Buffer.concat([whole, bytes('HTTP/1.1 200 OK')])])
    t.equal(result.used, whole.length)
    t.equal(result.reusable, false)
  }
  const head = lines('HTTP/1.1 200 OK\nContent-Length: 2\n\n')
  t.equal(read([Buffer.concat([head, bytes('no')])], { method: 'HEAD' }).reusable, false, 'HEAD answered with a body')
})

const ok = 'HTTP/1.1 200 OK\n'
const chunked = `${ok}Transfer-Encoding: chunked\n\n`
const zeros = '0'.repeat(16)

const refused: [title: string, response: string, as?: As][] = [
  // RFC 9112 section 4
  ['another protocol', 'SSH-2.0-OpenSSH_9.9\n'],
  ['HTTP/2', 'HTTP/2.0 200 OK\n\n'],
  ['a version by another case', 'http/1.1 200 OK\n\n'],
  ['a version without minor number', 'HTTP/1. 200 OK\n\n'],
  ['a letter as minor version', 'HTTP/1.x 200 OK\n\n'],
  ['no space before the status', 'HTTP/1.1X200 OK\n\n'],
  ['two spaces before the status', 'HTTP/1.1  200 OK\n\n'],
  ['a status of two digits', 'HTTP/1.1 20 OK\n\n'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\n\n'],
  ['a status with a sign', 'HTTP/1.1 +20 OK\n\n'],
  ['a status below 100', 'HTTP/1.1 099 OK\n\n'],
  ['no space behind the status', 'HTTP/1.1 200\n\n'],
  ['a status line of half its length', 'HTTP/1.1\n\n'],
  ['a control character in the reason', 'HTTP/1.1 200 O\x01K\n\n'],
  ['an empty line before the status line', '\nHTTP/1.1 200 OK\n\n'],
  // RFC 9112 sections 2.2 and 5
  ['a bare LF behind the status line', bare('HTTP/1.1 200 OK\nA: b\r\n\r\n')],
  ['a bare LF behind a header', bare('HTTP/1.1 200 OK\r\nA: b\nB: c\r\n\r\n')],
  ['a bare LF as the end of the head', bare('HTTP/1.1 200 OK\r\nA: b\r\n\n')],
  ['a bare CR in a value', bare('HTTP/1.1 200 OK\r\nA: b\rB: c\r\n\r\n')],
  ['a bare CR before the CRLF', bare('HTTP/1.1 200 OK\r\nA: b\r\r\n\r\n')],
  ['a NUL in a value', `${ok}A: b\0c\n\n`],
  ['a DEL in a value', `${ok}A: b\x7fc\n\n`],
  ['a folded header', `${ok}A: b\n c\n\n`],
  ['a header folded by a tab', `${ok}A: b\n\tc\n\n`],
  ['a space before the first header', `${ok} A: b\n\n`],
  ['a space before the colon', `${ok}A : b\n\n`],
  ['a header without a colon', `${ok}Abc\n\n`],
  ['an empty header name', `${ok}: b\n\n`],
  ['a header name that is no token', `${ok}A(b): c\n\n`],
  ['a header name beyond ASCII', `${ok}A\xe9: c\n\n`],
  ['a NUL in a header name', `${ok}A\0: c\n\n`],
  // RFC 9112 section 6
  ['both Content-Length and Transfer-Encoding', `${ok}Content-Length: 3\nTransfer-Encoding: chunked\n\n`],
  ['the same, the other way round', `${ok}Transfer-Encoding: chunked\nContent-Length: 3\n\n`],
  ['both, even for HEAD', `${ok}Content-Length: 3\nTransfer-Encoding: chunked\n\n`, { method: 'HEAD' }],
  ['two Content-Lengths', `${ok}Content-Length: 3\nContent-Length: 4\n\n`],
  ['two equal Content-Lengths', `${ok}Content-Length: 3\ncontent-length: 3\n\n`],
  ['a list of Content-Lengths', `${ok}Content-Length: 3, 3\n\n`],
  ['a Content-Length with plus', `${ok}Content-Length: +3\n\n`],
  ['a negative Content-Length', `${ok}Content-Length: -3\n\n`],
  ['a hexadecimal Content-Length', `${ok}Content-Length: 0x3\n\n`],
  ['a Content-Length with underscore', `${ok}Content-Length: 1_0\n\n`],
  ['a Content-Length with a fraction', `${ok}Content-Length: 3.0\n\n`],
  ['an empty Content-Length', `${ok}Content-Length:\n\n`],
  ['a Content-Length beyond 2^53', `${ok}Content-Length: 9007199254740993\n\n`],
  ['a Content-Length of 20 digits', `${ok}Content-Length: 10000000000000000003\n\n`],
  ['two Transfer-Encodings', `${ok}Transfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n`],
  ['a coding before chunked', `${ok}Transfer-Encoding: gzip, chunked\n\n`],
  ['a coding behind chunked', `${ok}Transfer-Encoding: chunked, gzip\n\n`],
  ['another coding', `${ok}Transfer-Encoding: identity\n\n`],
  ['an empty Transfer-Encoding', `${ok}Transfer-Encoding:\n\n`],
  ['chunked twice', `${ok}Transfer-Encoding: chunked, chunked\n\n`],
  ['chunked behind a comma', `${ok}Transfer-Encoding: ,chunked\n\n`],
  ['chunked with a vertical tab', `${ok}Transfer-Encoding: \x0bchunked\n\n`],
  ['chunked with a no-break space', `${ok}Transfer-Encoding: chunked\xa0\n\n`],
  ['chunked with a parameter', `${ok}Transfer-Encoding: chunked;a=b\n\n`],
  ['chunked in HTTP/1.0', 'HTTP/1.0 200 OK\nTransfer-Encoding: chunked\n\n'],
  // RFC 9112 section 7.1
  ['no chunk size', `${chunked}\n`],
  ['a chunk size with plus', `${chunked}+5\nhello\n`],
  ['a negative chunk size', `${chunked}-5\nhello\n`],
  ['a chunk size with 0x', `${chunked}0x5\nhello\n`],
  ['a chunk size with underscore', `${chunked}1_0\n`],
  ['a chunk size behind a space', `${chunked} 5\nhello\n`],
  ['a chunk size before a space', `${chunked}5 \nhello\n`],
  ['a chunk size that is no number', `${chunked}xyz\n`],
  ['a chunk size beyond 2^53', `${chunked}20000000000000\n`],
  ['a chunk size that would wrap around 2^64', `${chunked}10000000000000005\nhello\n`],
  ['a chunk size of 17 digits', `${chunked}${zeros}5\nhello\n`],
  ['a control character in a chunk extension', `${chunked}5;a=\x01\nhello\n`],
  ['a bare CR in a chunk extension', bare('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a\rb\r\nhello\r\n')],
  ['a bare LF behind a chunk size', bare('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n')],
  ['a chunk longer than its size', `${chunked}5\nhello!\n`],
  ['a chunk with two octets in place of CRLF', `${chunked}5\nhelloXX0\n\n`],
  ['a chunk with CR twice in place of CRLF', `${chunked}5\nhello\r\r0\n\n`],
  ['a chunk shorter than its size', `${chunked}5\nhell\n0\n\n`],
  ['a bare LF behind a chunk', bare('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n')],
  ['a bare CR behind a chunk', bare('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r0\r\n\r\n')],
  ['a trailer without a colon', `${chunked}0\nAbc\n\n`],
  ['a folded trailer', `${chunked}0\nA: b\n c\n\n`],
  ['a NUL in a trailer', `${chunked}0\nA: b\0\n\n`],
  // Interim responses
  ['a 101 that nobody asked for', 'HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\n\n'],
  ['a 100 with a length', 'HTTP/1.1 100 Continue\nContent-Length: 5\n\n'],
  ['a chunked 103', 'HTTP/1.1 103 Early Hints\nTransfer-Encoding: chunked\n\n'],
  ['a flood of 100s', 'HTTP/1.1 100 Continue\n\n'.repeat(17)],
]

/** Marks a response whose line ends shall stay as they are. */
function bare(response: string): string {
  return `bare:${response}`
}

function asWritten(response: string): Buffer {
  return response.startsWith('bare:') ? bytes(response.slice(5)) : lines(response)
}

for (const [title, response, as] of refused) {
  t.test(`refuses ${title}`, async (t) => {
    const whole = asWritten(response)
    const expected = { name: 'BackendFailure', code: 'backend-broken', nothingSent: false }
    t.throws(() => read([whole], as), expected)
    t.throws(
      () =>
        read(
          Array.from(whole, (octet) => Buffer.of(octet)),
          as,
        ),
      expected,
      'octet by octet',
    )
  })
}

t.test('takes 16 interim responses', async (t) => {
  const result = read([lines(`${'HTTP/1.1 100 Continue\n\n'.repeat(16)}HTTP/1.1 204 No Content\n\n`)])
  t.equal(result.information.length, 16)
  t.equal(result.status, 204)
})

t.test('refuses a head beyond 64 KiB, before its end has come', async (t) => {
  const field = bytes(`A: ${'b'.repeat(1019)}\r\n`) // 1024 bytes
  const start = bytes('HTTP/1.1 200 OK\r\n')
  t.doesNotThrow(() => read([start, ...Array.from({ length: 63 }, () => field)]))
  t.throws(() => read([start, ...Array.from({ length: 64 }, () => field)]), { code: 'backend-broken' })
  t.throws(() => read([start, Buffer.alloc(65_536, 'a')]), { code: 'backend-broken' }, 'in one line without end')
})

t.test('refuses trailers beyond 64 KiB', async (t) => {
  t.throws(() => read([lines(`${chunked}0\n`), Buffer.alloc(65_537, 'a')]), { code: 'backend-broken' })
})

t.test('counts head and trailers apart, and the body not at all', async (t) => {
  const field = `A: ${'b'.repeat(40_000)}\n`
  const result = read([lines(`${ok}${field}Transfer-Encoding: chunked\n\nFFFF\n${'c'.repeat(0xffff)}\n0\n${field}\n`)])
  t.equal(result.reusable, true)
})

t.test('bounds chunk extensions, one by one and together', async (t) => {
  const chunk = (extension: number) => lines(`1;${'e'.repeat(extension)}\nx\n`)
  t.doesNotThrow(() => read([lines(chunked), chunk(4000)]))
  t.throws(() => read([lines(chunked), bytes(`1;${'e'.repeat(4100)}`)]), { code: 'backend-broken' }, 'before its end')
  t.throws(() => read([lines(chunked), ...Array.from({ length: 17 }, () => chunk(1000))]), { code: 'backend-broken' })
})

t.test('a connection that ends too early never makes a clean end', async (t) => {
  const cut = (response: string) => () => read([lines(response)], { thenEnds: true })
  t.throws(cut(`${ok}Content-Length: 5\n\nhell`), { code: 'backend-cut' })
  t.throws(cut(`${ok}Content-Length: 5\n\n`), { code: 'backend-cut' })
  t.throws(cut(`${chunked}5\nhello`), { code: 'backend-cut' })
  t.throws(cut(`${chunked}5\nhello\n`), { code: 'backend-cut' })
  t.throws(cut(`${chunked}5\nhello\n0\n`), { code: 'backend-cut' }, 'before the end of the trailers')
  t.throws(cut(''), { code: 'backend-reset' })
  t.throws(cut('HTTP/1.1 200 OK\nA: b'), { code: 'backend-reset' })
  t.throws(cut('HTTP/1.1 100 Continue\n\n'), { code: 'backend-reset' })
  t.doesNotThrow(cut(`${ok}Content-Length: 0\n\n`))
})

t.test('stops where the listener wants no more, and goes on from there', async (t) => {
  const listener = new Listener()
  listener.onBody = (part) => {
    listener.told.push(part.toString('latin1'))
    return false
  }
  const reader = new ResponseReader('GET', false, listener)
  let unread = lines(`${chunked}2\nab\n3\ncde\n0\n\n`)
  const steps: string[][] = []
  while (unread.length > 0) {
    unread = unread.subarray(reader.read(unread))
    steps.push(listener.told.splice(0))
  }
  t.same(steps, [['onHead', 'ab'], ['cde'], ['onEnd']])
  t.equal(reader.reusable, true)
})

t.test('a 101 that was asked for ends the response, and what follows is no HTTP', async (t) => {
  const listener = new Listener()
  const reader = new ResponseReader('GET', true, listener)
  const response = lines('HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\n\n\x81\x02hi')
  t.equal(reader.read(response), response.length)
  t.same(listener.told, ['onSwitch'])
  t.same(listener.rest, bytes('\x81\x02hi'))
  t.equal(reader.reusable, false)
})

t.test('body parts are views, not copies', async (t) => {
  const listener = new Listener()
  const response = lines(`${ok}Content-Length: 5\n\nhello`)
  new ResponseReader('GET', false, listener).read(response)
  t.equal(listener.parts[0]?.buffer, response.buffer)
})

t.test('what a listener throws passes through', async (t) => {
  const listener = new Listener()
  listener.onHead = () => {
    throw new RangeError('mine')
  }
  const error = t.throws(() => new ResponseReader('GET', false, listener).read(lines(`${ok}\n`)), { message: 'mine' })
  t.notOk(error instanceof BackendFailure)
})
