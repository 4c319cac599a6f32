import t from 'tap'
import { staggered } from '../../../gateway/control/discovery/staggered.ts'

const hour = 3_600_000
const never = () => new Promise<never>(() => {})

t.test('who is slow still counts if the others fail, and who is asked last may be first', async (t) => {
  const slow = Promise.withResolvers<string>()
  const answer = staggered([() => slow.promise, () => Promise.reject(new Error('no'))], 1)
  slow.resolve('late')
  t.equal(await answer, 'late')
  t.equal(await staggered([never, async () => 'second'], 1), 'second')
})

t.test('nobody is asked before his turn', async (t) => {
  const asked: number[] = []
  const ask = (n: number) => async () => {
    asked.push(n)
    if (n < 2) throw new Error('no')
    return n
  }
  t.equal(await staggered([ask(0), ask(1), ask(2), ask(3)], hour), 2)
  t.same(asked, [0, 1, 2])
})

t.test('all that failed are told, and nobody is a failure too', async (t) => {
  const fail = (message: string) => () => Promise.reject(new Error(message))
  await t.rejects(staggered([fail('a'), fail('b')], hour), { errors: [{ message: 'a' }, { message: 'b' }] })
  await t.rejects(staggered([], hour), { errors: [] })
})
