import t from 'tap'
import { Owners } from '../../gateway/jupyter/owners.ts'
import { Backend } from '../../gateway/pool/backend.ts'

const a = new Backend({ host: '10.0.0.1', port: 1 }, 0)
const b = new Backend({ host: '10.0.0.2', port: 1 }, 0)

t.test('what is learnt is known, for its kind alone', async (t) => {
  const owners = new Owners()
  t.equal(owners.learn('kernels', 'x', a), true)
  t.strictSame(owners.get('kernels', 'x'), { backend: a, localId: 'x', toldBy: 'answer' })
  t.equal(owners.get('sessions', 'x'), undefined)
  t.equal(owners.get('terminals', 'x'), undefined)
})

t.test('learning says whether it was news: what is known twice is counted once', async (t) => {
  const owners = new Owners()
  t.equal(owners.learn('kernels', 'x', a), true)
  t.equal(owners.learn('kernels', 'x', a), false)
  t.equal(owners.learn('kernels', 'x', b), true, 'it lives elsewhere now')
  t.equal(owners.get('kernels', 'x')?.backend, b)
})

t.test('a moved session has another id where it lives', async (t) => {
  const owners = new Owners()
  owners.learn('sessions', 'old', a)
  owners.learn('sessions', 'old', b, 'new')
  t.strictSame(owners.get('sessions', 'old'), { backend: b, localId: 'new', toldBy: 'answer' })
  t.equal(owners.learn('sessions', 'old', b, 'newer'), false, 'of the same backend it is no news')
  t.strictSame(owners.get('sessions', 'old'), { backend: b, localId: 'newer', toldBy: 'answer' })
})

t.test('a backend that is gone takes along what it owned and nothing else', async (t) => {
  const owners = new Owners()
  owners.learn('kernels', 'x', a)
  owners.learn('documents', 'id:x', a)
  owners.learn('kernels', 'y', b)
  owners.forgetBackend(a)
  t.equal(owners.get('kernels', 'x'), undefined)
  t.equal(owners.get('documents', 'id:x'), undefined)
  t.equal(owners.get('kernels', 'y')?.backend, b)
})

t.test('forgetting says whether there was something to forget', async (t) => {
  const owners = new Owners()
  owners.learn('terminals', '1', a)
  t.equal(owners.forget('terminals', '1', a), true)
  t.equal(owners.forget('terminals', '1', a), false)
})

t.test('who says that it has something no more takes it from nobody else', async (t) => {
  const owners = new Owners()
  owners.learn('sessions', 'x', b)
  t.equal(owners.forget('sessions', 'x', a), false)
  t.equal(owners.get('sessions', 'x')?.backend, b)
})
