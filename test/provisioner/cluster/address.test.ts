import { createServer } from 'node:net'
import t from 'tap'
import { chooseAddress, type Interfaces, reach } from '../../../provisioner/cluster/address.ts'

const v4 = (address: string) => ({ address, family: 'IPv4', internal: false }) as const
const v6 = (address: string) => ({ address, family: 'IPv6', internal: false }) as const
const lo = [{ address: '127.0.0.1', family: 'IPv4', internal: true }] as const
const plain: Interfaces = {
  lo,
  eth0: [v4('10.0.0.1'), v6('fe80::1')],
  docker0: [v4('172.17.0.1')],
  'br-0a1b': [v4('172.18.0.1')],
}

t.test('the only address by which others can reach this machine is taken', async (t) => {
  t.equal(chooseAddress(undefined, plain), '10.0.0.1')
  t.equal(chooseAddress(undefined, { ...plain, docker_gwbridge: [v4('172.19.0.1')] }), '10.0.0.1', 'later as at first')
})

t.test('of several a person chooses, in one sentence', async (t) => {
  const two = { ...plain, eth1: [v4('192.168.1.5')] }
  t.throws(() => chooseAddress(undefined, two), {
    message:
      'This machine has several addresses: say with --advertise ADDRESS by which of them the other machines reach it, 10.0.0.1 (eth0) or 192.168.1.5 (eth1).',
  })
  t.equal(chooseAddress('192.168.1.5', two), '192.168.1.5')
})

t.test('an address of another machine is refused', async (t) => {
  t.throws(() => chooseAddress('10.0.0.2', plain), {
    message: /must be an address of this machine, and 10.0.0.2 is none/,
  })
})

t.test('without an address nobody is invited', async (t) => {
  t.throws(() => chooseAddress(undefined, { lo }), { message: /has no IPv4 address/ })
})

t.test('a machine that listens tells from where it sees us, and another one why not', async (t) => {
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  t.same(await reach('127.0.0.1', port, 1000), { from: '127.0.0.1', to: '127.0.0.1' })
  await new Promise((resolve) => server.close(resolve))
  t.same(await reach('127.0.0.1', port, 1000), { why: 'ECONNREFUSED' })
})
