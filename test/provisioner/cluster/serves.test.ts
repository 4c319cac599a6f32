import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { certificates } from '../../../provisioner/cluster/certificates.ts'
import { clusterServes } from '../../../provisioner/cluster/serves.ts'
import { settle } from '../../../provisioner/cluster/settle.ts'
import { quietly } from '../../fakes/fake-settling.ts'

/** A gateway with the cluster's certificate, as its CA made it. */
async function cluster(t: Test, names = ['127.0.0.1']) {
  const folder = t.testdir({ token: 'right\n' })
  await settle(
    certificates({ gateway: names, registry: names }, 'n1', () => new Date(), folder),
    quietly(),
  )
  const at = (name: string) => join(folder, name)
  const asked: (string | undefined)[] = []
  const server = createServer(
    { cert: readFileSync(at('gateway.pem')), key: readFileSync(at('gateway-key.pem')) },
    (request, response) => {
      asked.push(request.url)
      response.writeHead(request.headers.authorization === 'token right' ? 200 : 403).end('[]')
    },
  ).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { at, asked, server, step: clusterServes({ host: '127.0.0.1', port, tokenFile: at('token') }, at('ca.pem')) }
}

t.test('who is let in with the token by a gateway that the CA knows is served', async (t) => {
  const { step, asked } = await cluster(t)
  t.equal(await step.look(), undefined)
  t.same(asked, ['/api/kernels'])
})

t.test('a wrong token, another name, another CA and a gateway that is gone are not', async (t) => {
  const one = await cluster(t)
  writeFileSync(one.at('token'), 'wrong')
  t.equal(await one.step.look(), 'the gateway answers 403')
  one.server.close()
  one.server.closeAllConnections()
  t.match(await one.step.look(), /does not answer \(ECONNREFUSED\)/)

  const other = await cluster(t, ['n1'])
  t.match(await other.step.look(), /ERR_TLS_CERT_ALTNAME_INVALID/)

  const ca = readFileSync(other.at('ca.pem'))
  const third = await cluster(t)
  writeFileSync(third.at('ca.pem'), ca)
  t.match(await third.step.look(), /does not answer \((UNABLE_TO_VERIFY|SELF_SIGNED|CERT_SIGNATURE|DEPTH)/)
})

t.test('an operator’s own certificate is known by itself, and no other one', async (t) => {
  const { at, server } = await cluster(t, ['lab.example.org'])
  const { port } = server.address() as AddressInfo
  const by = (own: string) =>
    clusterServes({ host: '127.0.0.1', port, tokenFile: at('token') }, at('none.pem'), at(own)).look()
  t.equal(await by('gateway.pem'), undefined)
  t.match(await by('registry.pem'), /the gateway does not answer \(/)
})
