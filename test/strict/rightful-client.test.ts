import t from 'tap'
import { ask, handshake } from './support/client.ts'
import { strictGateway } from './support/gateway.ts'
import { type Asked, asJupyter, jupyterBackend, opening, type Script } from './support/jupyter-backend.ts'

const isUpgrade = ({ head }: Asked) => /^upgrade: websocket/im.test(head)
const knows = ({ target }: Asked) => target.includes('token=right')

/** Opens WebSockets for those who know the token, and refuses all others whatever they ask. */
const guarded: Script = (asked, jupyter) => {
  if (!knows(asked)) return asked.connection.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
  return isUpgrade(asked) ? opening(asked, jupyter) : asJupyter(asked, jupyter)
}

async function setUp(t: Parameters<typeof jupyterBackend>[0], script: Script = guarded) {
  const backend = await jupyterBackend(t, 'a', script)
  const gateway = await strictGateway(t, [backend])
  const socket = `/api/kernels/${backend.jupyter.hasKernel()}/channels?session_id=s`
  const rightful = gateway.connect()
  t.equal((await ask(rightful, handshake(`${socket}&token=right`))).status, 101)
  const leg = backend.asked.at(-1)?.connection
  if (!leg) throw new Error('there is no leg to the backend')
  return { backend, gateway, socket, rightful, leg }
}

t.test('a stranger who knows kernel and session_id does not cut the rightful client’s socket', async (t) => {
  const { gateway, socket, rightful, leg } = await setUp(t)
  for (const token of ['', '&token=wrong']) {
    const stranger = gateway.connect()
    t.equal((await ask(stranger, handshake(`${socket}${token}`))).status, 403)
  }
  rightful.write('still here')
  t.equal(await leg.takeThrough('still here'), 'still here')
  leg.write('and heard')
  t.equal(await rightful.takeThrough('and heard'), 'and heard')
})

t.test('after a stranger was refused, the rightful client’s return still ends his old socket first', async (t) => {
  const { backend, gateway, socket, leg } = await setUp(t)
  t.equal((await ask(gateway.connect(), handshake(socket))).status, 403)
  const order: string[] = []
  void leg.closed.then(() => order.push('the old one is over'))
  backend.script = (asked, jupyter) => {
    if (isUpgrade(asked)) order.push('the new one is asked for')
    return guarded(asked, jupyter)
  }
  t.equal((await ask(gateway.connect(), handshake(`${socket}&token=right`))).status, 101)
  t.same(order, ['the old one is over', 'the new one is asked for'])
})

t.test('while a stranger waits, the rightful client’s return ends both', async (t) => {
  const { backend, gateway, socket, leg } = await setUp(t)
  backend.script = (asked, jupyter) =>
    isUpgrade(asked) && !knows(asked) ? asked.connection.closed : guarded(asked, jupyter)
  const stranger = gateway.connect()
  stranger.write(handshake(socket))
  await backend.heard(3) // his right to the kernel is asked for, and refused, before his socket is
  t.equal((await ask(gateway.connect(), handshake(`${socket}&token=right`))).status, 101)
  await leg.closed
  await stranger.closed
  t.pass('both are over')
})
