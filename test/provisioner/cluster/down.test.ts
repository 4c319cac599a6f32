import t from 'tap'
import { goodbye, refuseSecondManager } from '../../../provisioner/cluster/down.ts'

t.test('who leaves is told that nobody notices at once, and how to be forgotten', async (t) => {
  t.match(goodbye('n3'), /ready for 60 s more, and then down: `docker node rm n3` there/)
})

t.test('a second manager does not end what is everybody’s', async (t) => {
  t.throws(() => refuseSecondManager('n2', 'manager', false), {
    name: 'Trouble',
    message: /^n2 is a manager, and not the first machine: .*`docker node demote n2`/,
  })
  refuseSecondManager('n1', 'manager', true)
  refuseSecondManager('n2', 'worker', false)
})
