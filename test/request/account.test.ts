import t from 'tap'
import { Account } from '../../gateway/request/account.ts'

t.test('an exchange is closed once, whatever ends it', async (t) => {
  const account = new Account('x-7', 0)
  let closed = 0
  account.onClose = () => closed++
  for (let i = 0; i < 3; i++) account.close()
  t.equal(closed, 1)
})
