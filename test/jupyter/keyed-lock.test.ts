import t from 'tap'
import { KeyedLock } from '../../gateway/jupyter/keyed-lock.ts'

t.test('tasks of one key run one after the other, in order', async (t) => {
  const lock = new KeyedLock()
  const steps: string[] = []
  const task = (name: string) => async () => {
    steps.push(`${name} begins`)
    await new Promise((resolve) => setImmediate(resolve))
    steps.push(`${name} ends`)
    return name
  }
  t.same(await Promise.all([lock.run('k', task('a')), lock.run('k', task('b')), lock.run('k', task('c'))]), [
    'a',
    'b',
    'c',
  ])
  t.same(steps, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})

t.test('other keys do not wait', async (t) => {
  const lock = new KeyedLock()
  const { promise: never } = Promise.withResolvers<void>()
  void lock.run('held', () => never)
  t.equal(await lock.run('free', async () => 'done'), 'done')
})

t.test('a task that fails tells its own caller, and the next one runs', async (t) => {
  const lock = new KeyedLock()
  const failing = lock.run('k', async () => {
    throw new Error('mine')
  })
  const next = lock.run('k', async () => 'done')
  await t.rejects(failing, { message: 'mine' })
  t.equal(await next, 'done')
})
