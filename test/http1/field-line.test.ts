import t from 'tap'
import { parseFieldLine } from '../../gateway/http1/field-line.ts'
import { Malformed } from '../../gateway/http1/malformed.ts'
import { Texts } from '../../gateway/http1/texts.ts'

function parse(line: string): string[] {
  const fields: string[] = []
  const bytes = Buffer.from(line, 'latin1')
  parseFieldLine(bytes, 0, bytes.length, fields, new Texts())
  return fields
}

t.test('a field keeps its case and octets, and loses the blanks around its value', async (t) => {
  t.same(parse('Content-Type: text/html'), ['Content-Type', 'text/html'])
  t.same(parse('x-a:b'), ['x-a', 'b'])
  t.same(parse('X: \t a \t b \t '), ['X', 'a \t b'])
  t.same(parse('X:'), ['X', ''])
  t.same(parse('X: \xe9\xff:"'), ['X', '\xe9\xff:"'])
})

t.test('a field that two programs would read differently is refused', async (t) => {
  for (const line of [
    ': no name',
    'no colon',
    'Space : before the colon',
    'Tab\t: before the colon',
    ' Leading: space',
    '\tLeading: tab',
    'Two words: x',
    'Sla/sh: x',
    'N\xe4me: x',
    'NUL\0: x',
    'X: a\0b',
    'X: a\rb',
    'X: a\x0bb',
    'X: a\x7fb',
    'X: \x0bchunked',
  ]) {
    t.throws(() => parse(line), Malformed, JSON.stringify(line))
  }
})
