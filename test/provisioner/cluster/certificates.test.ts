import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { days } from '../../../gateway/config/units.ts'
import { certificates } from '../../../provisioner/cluster/certificates.ts'
import { settle } from '../../../provisioner/cluster/settle.ts'
import { quietly } from '../../fakes/fake-settling.ts'

const names = { gateway: ['10.0.0.1', 'n1', '*.lab.example'], registry: ['10.0.0.1', 'n1'] }
const today = new Date('2026-11-27T12:00:00Z')

const make = (folder: string, wanted = names, now = today) =>
  settle(
    certificates(wanted, 'n1', () => now, folder),
    quietly(),
  )

const at = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8')

t.test('are made once', async (t) => {
  const folder = t.testdir()
  t.equal((await make(folder)).length, 4)
  t.same(await make(folder), [], 'the second time changes nothing')
})

t.test('are what TLS asks of a server and of a client', async (t) => {
  const folder = t.testdir()
  await make(folder)
  const verify = (purpose: string, name: string) =>
    execFileSync(
      'openssl',
      [
        'verify',
        '-attime',
        String(today.getTime() / 1000),
        '-purpose',
        purpose,
        '-CAfile',
        join(folder, 'ca.pem'),
        join(folder, name),
      ],
      {
        encoding: 'utf8',
        stdio: 'pipe',
      },
    )
  t.match(verify('sslserver', 'gateway.pem'), /OK/)
  t.match(verify('sslserver', 'registry.pem'), /OK/)
  t.match(verify('sslclient', 'engine.pem'), /OK/)
  t.throws(() => verify('sslclient', 'gateway.pem'), 'a server is no client')
  t.throws(() => verify('sslserver', 'engine.pem'), 'a client is no server')
  const gateway = new X509Certificate(at(folder, 'gateway.pem'))
  t.equal(gateway.checkIP('10.0.0.1'), '10.0.0.1')
  t.equal(gateway.checkHost('a.lab.example'), '*.lab.example')
})

t.test('keep their keys from everybody but root', async (t) => {
  const folder = t.testdir()
  await make(folder)
  for (const name of ['ca', 'gateway', 'registry', 'engine'])
    t.equal(statSync(join(folder, `${name}-key.pem`)).mode & 0o777, 0o600, name)
})

t.test('are made anew before they end, for one more name, and where the CA was replaced', async (t) => {
  const folder = t.testdir()
  await make(folder)
  t.same(await make(folder, names, new Date(today.getTime() + days(330))), [], 'not yet')
  t.same(await make(folder, names, new Date(today.getTime() + days(340))), ['a certificate for 10.0.0.1'])
  t.same(await make(folder, { ...names, gateway: [...names.gateway, 'notebooks.example'] }), [
    'a certificate for 10.0.0.1',
  ])
  for (const name of ['ca.pem', 'ca-key.pem']) rmSync(join(folder, name))
  t.equal((await make(folder)).length, 4)
})

t.test('end with their CA at the latest, and are not made anew for that', async (t) => {
  const folder = t.testdir()
  await make(folder)
  const near = new Date(today.getTime() + days(3652 - 20))
  t.same(await make(folder, names, near), ['a certificate for 10.0.0.1'], 'one more, which ends with the CA')
  t.same(await make(folder, names, near), [])
})

t.test('a CA without its key is not replaced', async (t) => {
  const folder = t.testdir()
  await make(folder)
  const before = at(folder, 'ca.pem')
  rmSync(join(folder, 'ca-key.pem'))
  await t.rejects(make(folder), { message: /ca-key.pem is not the key of .*ca.pem: bring it back or remove both/ })
  t.equal(at(folder, 'ca.pem'), before)
})
