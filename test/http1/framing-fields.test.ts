import t from 'tap'
import { type FramingFields, framingFields } from '../../gateway/http1/framing-fields.ts'
import { Malformed } from '../../gateway/http1/malformed.ts'

const length = 'Content-Length'
const coding = 'Transfer-Encoding'

function faultOf(minorVersion: number, headers: string[]): Malformed['fault'] | undefined {
  try {
    framingFields(minorVersion, headers)
    return undefined
  } catch (error) {
    return error instanceof Malformed ? error.fault : undefined
  }
}

t.test('a length, chunks or neither', async (t) => {
  const cases: [headers: string[], expected: Partial<FramingFields>][] = [
    [[], { length: undefined, chunked: false }],
    [[length, '0'], { length: 0, chunked: false }],
    [['content-LENGTH', '0012'], { length: 12 }],
    [[length, '9007199254740991'], { length: Number.MAX_SAFE_INTEGER }],
    [['transfer-encoding', 'Chunked'], { length: undefined, chunked: true }],
  ]
  for (const [headers, expected] of cases) t.match(framingFields(1, headers), expected, headers.join(' '))
})

t.test('what can be framed in two ways is refused, and what is only unknown is called so', async (t) => {
  const lengths = [
    '',
    '+5',
    '-5',
    '0x5',
    '1_0',
    '5 5',
    '5,5',
    '5, 5',
    '5;',
    '1e3',
    '٣',
    '9007199254740992',
    '0'.repeat(17),
  ]
  const cases: [headers: string[], fault: Malformed['fault']][] = [
    ...lengths.map((value): [string[], Malformed['fault']] => [[length, value], 'malformed']),
    [[length, '5', 'content-length', '5'], 'malformed'],
    [[length, '5', coding, 'chunked'], 'malformed'],
    [[coding, 'chunked', length, '5'], 'malformed'],
    ...['gzip', 'gzip, chunked', ', chunked', 'chunked;q=1', '"chunked"', 'xchunked', 'chunked\xa0', ''].map(
      (value): [string[], Malformed['fault']] => [[coding, value], 'coding-unknown'],
    ),
    [[coding, 'chunked', coding, 'chunked'], 'malformed'],
    [[coding, 'chunked', coding, 'identity'], 'malformed'],
    [[coding, 'chunked, chunked'], 'malformed'],
    [[coding, 'chunked, gzip'], 'malformed'],
  ]
  for (const [headers, fault] of cases) t.equal(faultOf(1, headers), fault, headers.join(' '))
  t.equal(faultOf(0, [coding, 'chunked']), 'malformed', 'chunked in HTTP/1.0')
})

t.test('a connection is kept by default in 1.1, by request in 1.0, and never after close', async (t) => {
  const cases: [minor: number, values: string[], kept: boolean][] = [
    [1, [], true],
    [1, ['keep-alive'], true],
    [1, ['close'], false],
    [1, ['x, Close'], false],
    [1, ['close', 'keep-alive'], false],
    [1, ['keep-alive', 'close'], false],
    [1, ['closed'], true],
    [0, [], false],
    [0, ['x'], false],
    [0, ['Keep-Alive'], true],
    [0, ['keep-alive, close'], false],
  ]
  for (const [minor, values, kept] of cases) {
    const headers = values.flatMap((value) => ['Connection', value])
    t.equal(framingFields(minor, headers).persistent, kept, `1.${minor} ${values}`)
  }
})

t.test('a head full of blanks costs no more than another', async (t) => {
  const blanks = ' '.repeat(100_000)
  const before = process.cpuUsage()
  framingFields(1, ['Connection', `a${blanks}b,${blanks}keep-alive`])
  t.throws(() => framingFields(1, ['Transfer-Encoding', `chunked${blanks}x`]))
  // Looked at once for each blank they take half a minute.
  t.ok(process.cpuUsage(before).user < 1_000_000)
})
