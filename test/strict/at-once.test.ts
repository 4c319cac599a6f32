import t from 'tap'
import { ask, request } from './support/client.ts'
import { strictGateway } from './support/gateway.ts'
import { type JupyterBackend, jupyterBackend } from './support/jupyter-backend.ts'

const id = '0f3b2c1d-aaaa-4bbb-8ccc-1234567890ab'
const ten = Array.from({ length: 10 }, (_, i) => i)
const has = (backends: readonly JupyterBackend[], kind: 'kernels' | 'sessions') =>
  backends.flatMap(({ jupyter }) => [...jupyter[kind].values()])

async function setUp(t: Parameters<typeof jupyterBackend>[0]) {
  const backends = [await jupyterBackend(t, 'a'), await jupyterBackend(t, 'b')]
  const gateway = await strictGateway(t, backends)
  const post = async (target: string, model: object) => {
    const answer = await ask(gateway.connect(), request('POST', target, [], JSON.stringify(model)))
    t.equal(answer.status, 201)
    return JSON.parse(answer.body)
  }
  return { backends, post }
}

t.test('ten clients that open one notebook at once get one session and one kernel', async (t) => {
  const { backends, post } = await setUp(t)
  const model = { path: 'a.ipynb', name: 'a.ipynb', type: 'notebook', kernel: { name: 'python3' } }
  const made = await Promise.all(ten.map(() => post('/api/sessions', model)))
  t.equal(new Set(made.map((session) => session.id)).size, 1)
  t.equal(has(backends, 'sessions').length, 1)
  t.equal(has(backends, 'kernels').length, 1)
})

t.test('ten clients that start one kernel id at once, by itself or under notebooks, get one kernel', async (t) => {
  const { backends, post } = await setUp(t)
  const made = await Promise.all(
    ten.map(async (i) => {
      if (i % 2 === 0) return post('/api/kernels', { kernel_id: id, name: 'python3' })
      const model = { path: `${i}.ipynb`, name: '', type: 'notebook', kernel: { id, name: 'python3' } }
      return (await post('/api/sessions', model)).kernel
    }),
  )
  t.same(new Set(made.map((kernel) => kernel.id)), new Set([id]))
  t.equal(has(backends, 'kernels').length, 1)
  t.equal(has(backends, 'sessions').length, 5)
})
