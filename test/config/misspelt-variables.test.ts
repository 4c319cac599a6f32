import t from 'tap'
import { misspeltVariables } from '../../gateway/config/misspelt-variables.ts'

t.test('a misspelt variable is told of with what was meant, and those of others are nobody’s business', async (t) => {
  t.same(misspeltVariables({ PYLI_LISTEN: '1', PATH: '/bin', PILI_LISTEN: '1' }), [])
  t.same(misspeltVariables({ PYLI_LISTEM: '1' }), ['PYLI_LISTEM is not known; did you mean PYLI_LISTEN?'])
  // Of the image, the cluster and the tests.
  const others = ['NOTEBOOKS', 'CULL_IDLE', 'TERMINALS', 'DRAIN_QUIET', 'COOKIE_SECRET_FILE', 'MTU', 'LAB', 'TEST_FILE']
  t.same(misspeltVariables(Object.fromEntries(others.map((name) => [`PYLI_${name}`, '1']))), [])
})
