import t from 'tap'
import { Account, exchangeIds } from '../../gateway/request/account.ts'

t.test('an exchange is closed once, whatever ends it', async (t) => {
  const account = new Account('x-7', 0)
  let closed = 0
  account.onClose = () => closed++
  for (let i = 0; i < 3; i++) account.close()
  t.equal(closed, 1)
})

t.test('an exchange that is over knows nobody any more', async (t) => {
  const account = new Account('x-7', 0)
  const listener = () => t.fail('it is over')
  Object.assign(account, { told: {}, onAnswer: listener })
  account.close()
  t.equal(account.told, undefined)
  account.onAnswer(200, [])
})

t.test('no other process and no other worker gives the same id', async (t) => {
  const [one, other] = [exchangeIds(Math.random), exchangeIds(Math.random)]
  t.equal(new Set([one(), one(), other(), other()]).size, 4)
  t.match(exchangeIds(() => 0)(), /^00000000-1$/)
})
