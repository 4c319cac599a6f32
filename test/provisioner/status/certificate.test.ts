import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { newKey } from '../../../gateway/control/certificates/identity.ts'
import { issueAuthority, issueLeaf } from '../../../gateway/control/certificates/issue.ts'
import { PAIRS, pathsOf } from '../../../provisioner/cluster/pairs.ts'
import { certificateHere, certificateState } from '../../../provisioner/status/certificate.ts'

t.test('names and end of a certificate', async (t) => {
  const now = new Date('2026-11-27T10:00:00Z')
  const key = newKey()
  const authority = { cert: await issueAuthority({ host: 'n1', key, now }), key }
  const cert = await issueLeaf({ authority, key, names: ['n1', '10.0.0.1', '::1'], days: 10, now })
  const state = certificateState(cert, now.getTime())
  t.strictSame(state.names, ['n1', '10.0.0.1', '::1'])
  t.ok(Math.abs(state.daysLeft - 9.5) <= 0.5, `${state.daysLeft}`)
  t.equal(certificateState(cert, now.getTime() + 11 * 86_400_000).daysLeft < 0, true)
  t.strictSame(certificateState(authority.cert, now.getTime()).names, [])
})

t.test('an operator’s own certificate is told instead of ours, as it is what people see', async (t) => {
  const folder = t.testdir()
  const now = new Date()
  const key = newKey()
  const authority = { cert: await issueAuthority({ host: 'n1', key, now }), key }
  const of = (name: string) => issueLeaf({ authority, key, names: [name], days: 10, now })
  const [ours, own] = [pathsOf('gateway', folder), { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }]
  const told = () => certificateHere('gateway', now.getTime(), { pairs: { ...PAIRS, gateway: ours }, own })
  t.equal(await told(), undefined)
  writeFileSync(ours.cert, await of('ours'))
  t.match(await told(), { names: ['ours'], isOwn: undefined })
  writeFileSync(own.cert, await of('lab.example.org'))
  await t.rejects(told(), { name: 'Trouble', message: /cert\.pem is there without .*key\.pem: put both there/ })
  writeFileSync(own.key, key)
  t.match(await told(), { names: ['lab.example.org'], isOwn: true })
})
