import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t from 'tap'
import { claimable, usualOrFree } from '../../../provisioner/local/ports.ts'

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

t.test('a port that is taken is told in one sentence with the way out', async (t) => {
  const port = await takenPort()
  const sentence = `Port ${port} on 127.0.0.1 is taken by another program: choose another with --listen, for example --listen 127.0.0.1:${port - 1}.`
  await t.rejects(claimable({ host: '127.0.0.1', port }, '--listen'), { name: 'Trouble', message: sentence })
})

t.test('so is an address of another machine', async (t) => {
  await t.rejects(claimable({ host: '192.0.2.1', port: 8443 }, '--listen'), {
    message: /^192\.0\.2\.1 is not an address of this machine: choose another with --listen/,
  })
})

t.test('port 0 becomes a free one', async (t) => {
  const { port } = await claimable({ host: '127.0.0.1', port: 0 }, '--listen')
  t.ok(port > 0)
  t.strictSame(await claimable({ host: '127.0.0.1', port }, '--listen'), { host: '127.0.0.1', port })
})

t.test('the usual port gives way if it is taken', async (t) => {
  const port = await takenPort()
  const found = await usualOrFree({ host: '127.0.0.1', port })
  t.not(found.port, port)
  t.strictSame(await usualOrFree(found), found)
})
