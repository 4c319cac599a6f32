import t from 'tap'
import { newKey } from '../../../gateway/control/certificates/identity.ts'
import { issueAuthority, issueLeaf } from '../../../gateway/control/certificates/issue.ts'
import { certificateState } from '../../../provisioner/status/certificate.ts'

t.test('names and end of a certificate', async (t) => {
  const now = new Date('2026-11-27T10:00:00Z')
  const key = newKey()
  const authority = { cert: await issueAuthority({ host: 'n1', key, now }), key }
  const cert = await issueLeaf({ authority, key, names: ['n1', '10.0.0.1', '::1'], days: 10, now })
  const state = certificateState(cert, now.getTime())
  t.strictSame(state.names.slice(0, 2), ['n1', '10.0.0.1'])
  t.equal(state.names.length, 3)
  t.ok(Math.abs(state.daysLeft - 9.5) <= 0.5, `${state.daysLeft}`)
  t.equal(certificateState(cert, now.getTime() + 11 * 86_400_000).daysLeft < 0, true)
  t.strictSame(certificateState(authority.cert, now.getTime()).names, [])
})
