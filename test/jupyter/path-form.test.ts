import t from 'tap'
import { at, ByBeginning } from '../../gateway/jupyter/path-form.ts'

t.test('what all paths of a form begin with is what stands in it before anything that may vary', async (t) => {
  for (const [beginning, ...forms] of [
    ['api/kernels', 'api/kernels'],
    ['api/kernels/', String.raw`api/kernels/(?<id>\w+)/channels`],
    ['static/', 'static/.*'],
    ['lab/api/', 'lab/api/(?:extensions|plugins)(?:/.*)?'],
    ['', '(?:files|view)(?:/.*)?'],
    ['', 'kernels?/x'], // nothing is safer than a letter too many
    ['', 'metrics', 'api/metrics'],
  ] as const)
    t.equal(at(...forms).beginning, beginning, forms.join(' or '))
})

t.test('a form is of the whole path', async (t) => {
  const { whole } = at('', 'lab(?:/.*)?', 'login')
  t.same(
    ['', 'lab', 'lab/tree', 'login'].filter((path) => !whole.test(path)),
    [],
  )
  t.same(
    ['labs', 'x', 'login/x'].filter((path) => whole.test(path)),
    [],
  )
})

t.test(
  'of rows those are looked at that a path can fit, in their order, also when there are too many beginnings',
  async (t) => {
    const rows = ['api/kernels', 'api/kernels/.*', 'api/(?:me|you)', 'lab(?:/.*)?', 'api'].map((source) => ({
      path: at(source),
    }))
    const byBeginning = new ByBeginning(rows)
    const fit = (path: string) => byBeginning.rowsFor(path).filter((row) => row.path.whole.test(path))
    const check = () => {
      for (const path of [
        '',
        'api',
        'api/',
        'api/me',
        'api/kernels',
        'api/kernels/a/channels',
        'lab',
        'lab/tree/a',
        'labs',
      ])
        t.same(
          fit(path),
          rows.filter((row) => row.path.whole.test(path)),
          path,
        )
    }
    check()
    for (let count = 0; count < 1_000; count++) byBeginning.rowsFor(`folder-${count}/a/b`)
    check()
    t.equal(byBeginning.rowsFor('api/me/x').length < rows.length, true)
  },
)
