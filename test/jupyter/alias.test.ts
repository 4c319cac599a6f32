import t from 'tap'
import { aliasOf, markName, plainName, shownId, showSession } from '../../gateway/jupyter/alias.ts'

const shown = '0f3b2c1d-aaaa-4bbb-8ccc-1234567890ab'
const own = '7c9e6679-7425-40de-944b-e07fc1f90ae7'

t.test('a marked name gives back the name and the id', async (t) => {
  for (const name of ['analysis.ipynb', '', 'with space.ipynb', 'ünïcödé 🚪', 'a\u001fb']) {
    const model = { id: own, name: markName(name, shown) }
    t.equal(plainName(model.name), name)
    t.equal(aliasOf(model), shown)
    t.equal(shownId(model), shown)
  }
})

t.test('a name that is marked again carries the last id alone', async (t) => {
  const again = markName(markName('a.ipynb', own), shown)
  t.equal(again, markName('a.ipynb', shown))
  t.equal(plainName(again), 'a.ipynb')
})

t.test('a name that merely holds the separator is not marked', async (t) => {
  for (const name of ['a\u001fb', '\u001f', 'a\u001f', `a\u001f${shown} `, `${shown}`]) {
    t.equal(aliasOf({ id: own, name }), undefined, JSON.stringify(name))
    t.equal(plainName(name), name)
    t.equal(shownId({ id: own, name }), own)
  }
  for (const name of [null, undefined, 3]) t.equal(aliasOf({ id: own, name }), undefined)
})

t.test('a moved session is shown under its old id and plain name, also in the older form', async (t) => {
  const name = markName('a.ipynb', shown)
  const session = { id: own, path: 'work/a.ipynb', name, type: 'notebook', notebook: { path: 'work/a.ipynb', name } }
  t.strictSame(showSession(session), {
    id: shown,
    path: 'work/a.ipynb',
    name: 'a.ipynb',
    type: 'notebook',
    notebook: { path: 'work/a.ipynb', name: 'a.ipynb' },
  })
  t.equal(session.name, name, 'the original is left alone')
})

t.test('any other session is returned as it is', async (t) => {
  const session = { id: own, path: 'a.ipynb', name: 'a.ipynb' }
  t.equal(showSession(session), session)
})
