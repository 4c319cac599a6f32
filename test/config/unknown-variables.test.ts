import t from 'tap'
import { unknownVariables } from '../../gateway/config/unknown-variables.ts'

t.test(
  'a variable that is misspelt is told of with what was meant, and those of others are nobody’s business',
  async (t) => {
    t.same(unknownVariables({ PYLI_LISTEN: '1', PATH: '/bin', PILI_LISTEN: '1' }), [])
    t.same(unknownVariables({ PYLI_LISTEM: '1' }), [
      "PYLI_LISTEM is no variable of the gateway's; did you mean PYLI_LISTEN?",
    ])
    t.same(unknownVariables({ PYLI_SOMETHING_ELSE: '1' }), ["PYLI_SOMETHING_ELSE is no variable of the gateway's"])
  },
)
