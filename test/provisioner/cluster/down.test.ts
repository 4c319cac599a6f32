import t from 'tap'
import { goodbye, question, refuseSecondManager } from '../../../provisioner/cluster/down.ts'

t.test('whoever is asked knows whose notebooks would be deleted', async (t) => {
  t.match(question('manager', 'everywhere'), /ALL NOTEBOOKS OF THE WHOLE CLUSTER ARE DELETED\. Go on\? \[y\/N\]$/)
  t.match(question('worker', 'here'), /THE COPY OF THE NOTEBOOKS ON THIS MACHINE IS DELETED/)
  t.match(question('manager', 'nothing'), /cut off.*Notebooks stay\./)
})

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
