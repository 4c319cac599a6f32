import type { Chance } from './chance.ts'

/** A change of a text of HTTP, be it a request or an answer. */
type Mutation = (text: string, chance: Chance, others: readonly string[]) => string

const lengths = [
  '0',
  '1',
  '2',
  '5',
  '+5',
  '-1',
  '0x5',
  '05',
  '5 ',
  '5, 5',
  '1e1',
  '\xb2',
  '',
  '5;',
  '4294967296',
  '9007199254740991',
  '9007199254740993',
  '99999999999999999999',
  '5\t',
  '5\x0b',
  '1_0',
]
const codings = [
  'chunked',
  'Chunked',
  ' chunked',
  'chunked ',
  'xchunked',
  'chunked, identity',
  'identity',
  'gzip, chunked',
  'chunked, chunked',
  ',chunked',
  'chunked,',
  '"chunked"',
  'chunked;q=1',
  '\x0bchunked',
  'chunked\xa0',
  '\tchunked',
  'chunk\x00ed',
  '',
]
const sizes = [
  '0',
  '00',
  '1',
  '5',
  '05',
  '0x5',
  '+5',
  '-5',
  ' 5',
  '5 ',
  '5;',
  '5;a',
  '5;a="\r"',
  '5;\n',
  '5\t',
  'g',
  '',
  'ffffffffffffffff',
  '10000000000000000',
  '1fffffffffffff',
  '5;a=b;c=d',
  'A',
  'a',
]
const octets = [
  '\0',
  '\x01',
  '\x0b',
  '\x0c',
  '\x7f',
  '\x80',
  '\xff',
  '\xa0',
  ' ',
  '\t',
  '\r',
  '\n',
  '\r\n',
  ':',
  ',',
  ';',
  '"',
  '\\',
  '/',
  '#',
  '%',
  '%00',
  '%2f',
  '..',
  '\r\n ',
  '\r\r\n',
  '\n\r',
]
const versions = [
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/1.2',
  'http/1.1',
  'HTTP/1.10',
  'HTTP/01.1',
  'HTTP/1,1',
  'HTTP/1.1 ',
  '',
]
const fields = [
  'Content-Length: 5',
  'Content-Length: 0',
  'content-length:5',
  'Content-Length : 5',
  'Transfer-Encoding: chunked',
  'TRANSFER-ENCODING:chunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding: identity',
  'Transfer_Encoding: chunked',
  'Content_Length: 5',
  'Connection: close',
  'Connection: keep-alive',
  'Connection: Content-Length',
  'Connection: X-Hop, Host',
  'Connection: close, Upgrade',
  'Proxy-Connection: keep-alive',
  'Keep-Alive: timeout=5',
  'Host: other',
  'Host: a, b',
  'Host: a@b',
  'Host:',
  'Upgrade: h2c',
  'Upgrade: websocket',
  'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
  'Expect: 100-continue',
  'Expect: 100-Continue',
  'Expect: 200-ok',
  'Trailer: Content-Length',
  'TE: trailers, chunked',
  'X-Forwarded-For: 6.6.6.6',
  'X-Heard: id-0.',
  '__proto__: a',
  'constructor: a',
  ': a',
  'X',
  'X: a\r\n b',
  ' X: a',
  'X\0: a',
  'X: \0',
  'X: a\rb',
  'X: a\nY: b',
  'X: \xff\xfe',
  `X: ${'y'.repeat(5_000)}`,
]
const hidden = 'GET /files/hidden HTTP/1.1\r\nHost: hidden\r\n\r\n'
const evil = 'HTTP/1.1 200 OK\r\nX-Heard: id-0.\r\nContent-Length: 4\r\n\r\nevil'

const insert = (text: string, at: number, what: string) => text.slice(0, at) + what + text.slice(at)

/** One of the places where a pattern fits. */
function oneMatch(text: string, pattern: RegExp, chance: Chance): RegExpExecArray | undefined {
  const matches = [...text.matchAll(pattern)]
  return matches.length === 0 ? undefined : (chance.pick(matches) as RegExpExecArray)
}

function replaceOne(text: string, pattern: RegExp, chance: Chance, by: (match: RegExpExecArray) => string): string {
  const match = oneMatch(text, pattern, chance)
  if (!match) return text
  return text.slice(0, match.index) + by(match) + text.slice(match.index + match[0].length)
}

const fieldLine = /^[\w-]+:.*\r\n/gm

export const mutations: { readonly [name: string]: Mutation } = {
  'a field more': (text, chance) =>
    replaceOne(text, /\r\n(?=[\w-]+:|\r\n)/g, chance, () => `\r\n${chance.pick(fields)}\r\n`),
  'a field less': (text, chance) => replaceOne(text, fieldLine, chance, () => ''),
  'a field twice': (text, chance) => replaceOne(text, fieldLine, chance, ([line]) => line + line),
  'a field at another place': (text, chance) => {
    const match = oneMatch(text, fieldLine, chance)
    if (!match) return text
    const without = text.replace(match[0], '')
    return replaceOne(without, /\r\n(?=[\w-]+:|\r\n)/g, chance, () => `\r\n${match[0]}`)
  },
  'another length': (text, chance) =>
    replaceOne(text, /^content-length:.*\r\n/gim, chance, () => `Content-Length: ${chance.pick(lengths)}\r\n`),
  'a length one off': (text, chance) =>
    replaceOne(text, /(?<=^content-length: )\d+/gim, chance, ([n]) => String(Number(n) + (chance.oneIn(2) ? 1 : -1))),
  'another coding': (text, chance) =>
    replaceOne(text, /^transfer-encoding:.*\r\n/gim, chance, () => `Transfer-Encoding: ${chance.pick(codings)}\r\n`),
  'another chunk size': (text, chance) =>
    replaceOne(text, /(?<=\n)[0-9a-f]+(?=[;\r])/g, chance, () => chance.pick(sizes)),
  'a chunk extension': (text, chance) =>
    replaceOne(text, /(?<=\n[0-9a-f]+)\r\n/g, chance, () => `;${chance.pick(octets).repeat(1 + chance.below(3))}\r\n`),
  'a length beside a coding': (text, chance) =>
    replaceOne(text, /^transfer-encoding:.*\r\n/gim, chance, ([line]) => {
      const length = `Content-Length: ${chance.pick(lengths)}\r\n`
      return chance.oneIn(2) ? line + length : length + line
    }),
  'a coding beside a length': (text, chance) =>
    replaceOne(text, /^content-length:.*\r\n/gim, chance, ([line]) => {
      const coding = `Transfer-Encoding: ${chance.pick(codings)}\r\n`
      return chance.oneIn(2) ? line + coding : coding + line
    }),
  'another line end': (text, chance) =>
    replaceOne(text, /\r\n/g, chance, () =>
      chance.pick(['\n', '\r', '\n\r', '\r\r\n', '\r\n\r\n', '\r\n ', ' \r\n', '']),
    ),
  'other line ends everywhere': (text, chance) => text.replaceAll('\r\n', chance.pick(['\n', '\r', '\n\r'])),
  'another version': (text, chance) => replaceOne(text, /HTTP\/1\.\d/g, chance, () => chance.pick(versions)),
  'another case': (text, chance) =>
    replaceOne(text, /^[\w-]+(?=:)/gm, chance, ([name]) => (chance.oneIn(2) ? name.toLowerCase() : name.toUpperCase())),
  'another method': (text, chance) =>
    replaceOne(text, /^[A-Z]+(?= \S+ HTTP)/gm, chance, () =>
      chance.pick([
        'GET',
        'HEAD',
        'POST',
        'DELETE',
        'OPTIONS',
        'CONNECT',
        'TRACE',
        'PRI',
        'get',
        'G\0T',
        'M-SEARCH',
        '',
      ]),
    ),
  'another target': (text, chance) =>
    replaceOne(text, /(?<=^[A-Z]+ )\S+(?= HTTP)/gm, chance, ([target]) =>
      chance.pick([
        `http://jupyter${target}`,
        `http://other${target}`,
        `/${target}`,
        `${target}/../a`,
        `${target}%2e`,
        `${target}#a`,
        `${target}\\a`,
        '*',
        'jupyter:80',
        '',
        `${target}?${'a'.repeat(9_000)}`,
        target.replace('/', '/./'),
        `${target}\xe9`,
      ]),
    ),
  'another status': (text, chance) =>
    replaceOne(text, /(?<=HTTP\/1\.\d )\d\d\d/g, chance, () =>
      chance.pick([
        '100',
        '101',
        '102',
        '199',
        '200',
        '204',
        '205',
        '304',
        '416',
        '500',
        '600',
        '999',
        '099',
        '20',
        '2000',
        '+20',
        '',
      ]),
    ),
  'an octet more': (text, chance) => insert(text, chance.placeIn(text), chance.pick(octets)),
  'an octet less': (text, chance) => {
    const at = chance.placeIn(text)
    return text.slice(0, at) + text.slice(at + 1)
  },
  'another octet': (text, chance) => {
    const at = chance.placeIn(text)
    return text.slice(0, at) + String.fromCharCode(chance.below(256)) + text.slice(at + 1)
  },
  'a part twice': (text, chance) => {
    const at = chance.placeIn(text)
    const part = text.slice(at, at + 1 + chance.below(40))
    return insert(text, at, part)
  },
  'a part less': (text, chance) => {
    const at = chance.placeIn(text)
    return text.slice(0, at) + text.slice(at + 1 + chance.below(40))
  },
  'an early end': (text, chance) => text.slice(0, chance.placeIn(text)),
  'a hidden message': (text, chance) => insert(text, chance.placeIn(text), text.startsWith('HTTP') ? evil : hidden),
  'a hidden message at the end': (text) => text + (text.startsWith('HTTP') ? evil : hidden),
  'a hidden message at the beginning of a body': (text, chance) =>
    replaceOne(text, /\r\n\r\n/g, chance, () => `\r\n\r\n${text.startsWith('HTTP') ? evil : hidden}`),
  'another message behind': (text, chance, others) => text + chance.pick(others),
  'another message before': (text, chance, others) => chance.pick(others) + text,
  'an empty line before': (text, chance) => chance.pick(['\r\n', '\r\n\r\n', '\n', ' ', '\0']) + text,
  'many fields': (text) => text.replace('\r\n', `\r\n${'X: y\r\n'.repeat(99)}`),
  'many interim answers': (text) => (text.startsWith('HTTP') ? 'HTTP/1.1 102 \r\n\r\n'.repeat(17) + text : text),
}

const names = Object.keys(mutations)
/** Where two readers are most likely to part. */
const framing = names.filter((name) => /length|coding|chunk|hidden|version|line end/.test(name))

/** A few changes, mostly one; sometimes none, sometimes of several messages joined. */
export function mutate(seeds: readonly string[], chance: Chance): string {
  let text = chance.pick(seeds)
  while (chance.oneIn(3)) text += chance.pick(seeds)
  if (chance.oneIn(20)) return text
  do text = change(text, seeds, chance)
  while (chance.oneIn(3))
  return text
}

/** One change that changes something. */
function change(text: string, seeds: readonly string[], chance: Chance): string {
  for (let tries = 0; tries < 10; tries++) {
    const name = chance.pick(chance.oneIn(2) ? framing : names)
    const changed = mutations[name]?.(text, chance, seeds) ?? text
    if (changed !== text) return changed
  }
  return text
}
