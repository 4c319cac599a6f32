import t from 'tap'
import { at } from '../../gateway/jupyter/path-form.ts'

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
