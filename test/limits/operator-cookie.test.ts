import t from 'tap'
import { operatorSessions, withoutOperatorSession } from '../../gateway/limits/operator-cookie.ts'

t.test('an operator’s session is found among other cookies', async (t) => {
  t.same(operatorSessions('a=1; pyli-operator=5.x.y; b=2'), ['5.x.y'])
  t.same(operatorSessions('pyli-operator=5.x.y;pyli-operator=; pyli-operator=6'), ['5.x.y', '', '6'])
  for (const cookies of [undefined, '', 'a=pyli-operator=1', 'my-pyli-operator=1', 'pyli-operator-2=1']) {
    t.same(operatorSessions(cookies), [], `${cookies}`)
  }
})

t.test('it is taken out, and the others stay as they were written', async (t) => {
  t.equal(withoutOperatorSession('a=1; pyli-operator=5; b=2'), 'a=1; b=2')
  t.equal(withoutOperatorSession('pyli-operator=5;b=2;'), 'b=2;')
  t.equal(withoutOperatorSession('pyli-operator=5'), undefined)
  t.equal(withoutOperatorSession('a=1;  b="x y"'), 'a=1;  b="x y"')
  t.equal(withoutOperatorSession('pyli-operator-2=1'), 'pyli-operator-2=1')
})
