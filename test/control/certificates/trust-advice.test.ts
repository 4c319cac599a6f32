import { resolve } from 'node:path'
import t from 'tap'
import { trustAdvice } from '../../../gateway/control/certificates/trust-advice.ts'

t.test('the advice names every system with the full path of the CA', async (t) => {
  const advice = trustAdvice('tls/ca.pem')
  for (const system of ['Debian, Ubuntu', 'Chromium', 'Firefox', 'macOS', 'Windows']) t.match(advice, system)
  t.match(advice, `sudo cp ${resolve('tls/ca.pem')} /usr/local/share/ca-certificates/pyli-local-ca.crt`)
  t.notMatch(advice, ' tls/ca.pem')
})

t.test('a path that a shell would split can be copied all the same', async (t) => {
  t.match(trustAdvice("/my files/it's/ca.pem"), "sudo cp '/my files/it'\\''s/ca.pem' /usr")
})
