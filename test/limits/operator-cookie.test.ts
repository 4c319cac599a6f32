import t from 'tap'
import { operatorSession, withoutOperatorSession } from '../../gateway/limits/operator-cookie.ts'

t.test('an operator’s session is found among other cookies', async (t) => {
  t.equal(operatorSession('a=1; pyli-operator=5.x.y; b=2'), '5.x.y')
  t.equal(operatorSession('pyli-operator=5.x.y'), '5.x.y')
  for (const cookies of [undefined, '', 'a=pyli-operator=1', 'my-pyli-operator=1', 'pyli-operator-2=1']) {
    t.equal(operatorSession(cookies), undefined, `${cookies}`)
  }
})

t.test('it is taken out, and the others stay as they were written', async (t) => {
  t.equal(withoutOperatorSession('a=1; pyli-operator=5; b=2'), 'a=1; b=2')
  t.equal(withoutOperatorSession('pyli-operator=5;b=2;'), 'b=2;')
  t.equal(withoutOperatorSession('pyli-operator=5'), undefined)
  t.equal(withoutOperatorSession('a=1;  b="x y"'), 'a=1;  b="x y"')
  t.equal(withoutOperatorSession('pyli-operator-2=1'), 'pyli-operator-2=1')
})
