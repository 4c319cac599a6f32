import t from 'tap'
import { ask, request } from './support/client.ts'
import { strictGateway } from './support/gateway.ts'
import { jupyterBackend } from './support/jupyter-backend.ts'

const other = '0f3b2c1d-aaaa-4bbb-8ccc-1234567890ab'

async function setUp(t: Parameters<typeof jupyterBackend>[0]) {
  const backends = [await jupyterBackend(t, 'a'), await jupyterBackend(t, 'b')] as const
  const gateway = await strictGateway(t, backends)
  const say = (method: string, target: string, body: string) =>
    ask(gateway.connect(), request(method, target, [], body))
  const changes = () => backends.flatMap(({ asked }) => asked.filter(({ method }) => method !== 'GET'))
  return { backends, say, changes }
}

for (const [what, body] of [
  ['NaN', '{"path":"a.ipynb","type":"notebook","x":NaN}'],
  ['Infinity', '{"path":"a.ipynb","type":"notebook","x":-Infinity}'],
  ['half a model', '{"path":"a.ipynb"'],
  ['two models', '{"path":"a.ipynb"}{"path":"b.ipynb"}'],
] as const) {
  t.test(
    `a body with ${what} is 400 wherever it would create or change something, and reaches no backend`,
    async (t) => {
      const { backends, say, changes } = await setUp(t)
      const session = backends[0].jupyter.hasSession('old.ipynb')
      for (const [method, target] of [
        ['POST', '/api/sessions'],
        ['PATCH', `/api/sessions/${session}`],
        ['POST', '/api/kernels'],
        ['POST', '/api/terminals'],
      ] as const) {
        const answer = await say(method, target, body)
        t.equal(answer.status, 400, target)
        t.type(JSON.parse(answer.body).message, 'string')
      }
      t.same(changes(), [])
    },
  )
}

t.test('a name that carries another session’s id behind U+001F loses it before any backend hears of it', async (t) => {
  const { backends, say, changes } = await setUp(t)
  const name = `mine\u001f${other}`
  const model = { path: 'a.ipynb', name: `${name}\u001f${other}`, type: 'notebook', kernel: { name: 'python3' } }
  const made = JSON.parse((await say('POST', '/api/sessions', JSON.stringify(model))).body)
  t.match(made, { name: 'mine', path: 'a.ipynb' })
  t.not(made.id, other)
  const renamed = await say('PATCH', `/api/sessions/${made.id}`, JSON.stringify({ name }))
  t.match(JSON.parse(renamed.body), { id: made.id, name: 'mine' })
  t.equal(changes().length, 2)
  for (const { body } of changes()) t.notOk(body.includes(other), body)
  for (const { jupyter } of backends) {
    for (const session of jupyter.sessions.values()) t.equal(session.name, 'mine')
  }
})
