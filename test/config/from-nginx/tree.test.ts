import t from 'tap'
import { type Directive, readTree } from '../../../gateway/config/from-nginx/tree.ts'

const tree = (text: string) => readTree(text, 'x.conf')
const wordsOf = ({ name, args }: Directive): string[] => [name, ...args]
const words = (text: string): string[][] => tree(text).map(wordsOf)

t.test('words end at space, semicolon and opening brace, and nowhere else', async (t) => {
  t.strictSame(words('a b\tc\r\nd;e f;'), [
    ['a', 'b', 'c', 'd'],
    ['e', 'f'],
  ])
  t.strictSame(words(`a b}c d"e f#g;`), [['a', 'b}c', 'd"e', 'f#g']])
  t.strictSame(words('location ~ ^/a(b|c)$ { d; }'), [['location', '~', '^/a(b|c)$']])
})

t.test('quotes hold spaces, braces, semicolons and line breaks together', async (t) => {
  t.strictSame(words(`a "b c; {d}" 'e\n"f"';`), [['a', 'b c; {d}', 'e\n"f"']])
  t.strictSame(words(`a "" '';`), [['a', '', '']])
  t.strictSame(words('location ~ "^/x{2,3}$" { }'), [['location', '~', '^/x{2,3}$']])
  t.strictSame(words('if ($a = "b") { c; }'), [['if', '($a', '=', 'b', ')']])
})

t.test('a backslash keeps what follows, and goes where it stands before a quote, itself or t, r, n', async (t) => {
  t.strictSame(words(String.raw`a "b\"c" 'd\'e' f\\g h\.i j\ k l\;m "n\to";`), [
    ['a', 'b"c', "d'e", 'f\\g', 'h\\.i', 'j\\ k', 'l\\;m', 'n\to'],
  ])
})

t.test('the brace of a variable belongs to its word', async (t) => {
  const address = ['http://$', '{a}:80/$', '{b}'].join('')
  t.strictSame(words(`proxy_pass ${address};`), [['proxy_pass', address]])
})

t.test('comments begin where a word could, and end with their line', async (t) => {
  t.strictSame(words('# a;\nb c; # d {\ne#f g; #'), [
    ['b', 'c'],
    ['e#f', 'g'],
  ])
})

t.test('blocks nest, and each directive knows its line', async (t) => {
  const [http] = tree('http {\n  server\n  { listen 80;\n\n    a\n b; }\n}')
  const [server] = http?.block ?? []
  t.match(server, { name: 'server', line: 2, file: 'x.conf' })
  t.match(server?.block, [
    { name: 'listen', line: 3 },
    { name: 'a', args: ['b'], line: 5 },
  ])
})

t.test('lines are counted through quotes and after a byte order mark', async (t) => {
  const lines = tree('\uFEFFa "\n\n" b;\nc;').map(({ name, line }) => [name, line])
  t.strictSame(lines, [
    ['a', 1],
    ['c', 4],
  ])
})

t.test('what stands in the braces of a table is no directive', async (t) => {
  const blocks = tree('map $a $b { default c; "" d; } types { text/html html; }').map(({ block }) => block)
  t.strictSame(blocks, [[], []])
})

t.test('a syntax error is one sentence with file and line', async (t) => {
  for (const [text, message] of [
    ['a b;\n}', 'x.conf:2: "}" closes nothing'],
    ['a {\n b\n}', 'x.conf:3: "b" is not ended by ";" before "}"'],
    ['\n;', 'x.conf:2: ";" stands where a directive must begin'],
    ['a; { }', 'x.conf:1: "{" stands where a directive must begin'],
    ['a {\n b;\n', 'x.conf:1: the "{" of "a" is never closed'],
    ['a;\nb c', 'x.conf:2: "b" is not ended by ";" before the file ends'],
    ['a\n"b;\n', 'x.conf:2: the quote " is opened here and never closed'],
    ['a "b"c;', 'x.conf:1: "c" stands right behind a closing quote, where a space must be'],
    ['a;\ncontent_by_lua_block { ngx.say("}") }', /^x.conf:2: content_by_lua_block holds a program in Lua/],
  ] as const) {
    t.throws(() => tree(text), { message })
  }
})

t.test('ten thousand open braces are an answer, not a full stack', async (t) => {
  t.throws(() => tree('a {'.repeat(10_000) + '}'.repeat(10_000)), {
    message: 'x.conf:1: blocks are nested over 100 deep',
  })
})
