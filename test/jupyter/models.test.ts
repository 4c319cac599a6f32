import t from 'tap'
import { idOf, objectField, parseList, parseObject, stringField } from '../../gateway/jupyter/models.ts'

t.test('a body that is no JSON object is none', async (t) => {
  for (const text of ['', 'nonsense', '[]', '3', 'null', '"x"', '{"a":']) {
    t.equal(parseObject(Buffer.from(text)), undefined, text)
  }
  t.equal(parseObject(undefined), undefined)
  t.strictSame(parseObject(Buffer.from('{"path":"ä.ipynb"}')), { path: 'ä.ipynb' })
})

t.test('a body that is no list of objects is none', async (t) => {
  for (const text of ['', 'nonsense', '{}', '[1]', '[null]', '[[]]'])
    t.equal(parseList(Buffer.from(text)), undefined, text)
  t.strictSame(parseList(Buffer.from('[]')), [])
})

t.test('fields of another type than expected are not there', async (t) => {
  const model = { text: 'x', number: 3, nothing: null, list: [], object: { a: 1 } }
  t.equal(stringField(model, 'text'), 'x')
  for (const field of ['number', 'nothing', 'list', 'object', 'missing']) t.equal(stringField(model, field), undefined)
  t.strictSame(objectField(model, 'object'), { a: 1 })
  for (const field of ['number', 'nothing', 'list', 'text', 'missing']) t.equal(objectField(model, field), undefined)
})

t.test('terminals are named by their name, the others by their id', async (t) => {
  t.equal(idOf('terminals', { name: '1', id: 'no' }), '1')
  t.equal(idOf('kernels', { name: 'python3', id: 'k' }), 'k')
})
