import t from 'tap'
import { answerOn, handshake } from './support/client.ts'
import { strictGateway } from './support/gateway.ts'
import { jupyterBackend } from './support/jupyter-backend.ts'
import { acceptedAt, settled } from './support/sockets.ts'

const refusals = {
  403: 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno',
  404: 'HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n',
  503: 'HTTP/1.1 503 Service Unavailable\r\n\r\nno',
}

for (const status of [403, 404, 503] as const) {
  t.test(`100 WebSockets that a backend refuses with ${status} leave no socket open on either side`, async (t) => {
    const backend = await jupyterBackend(t, 'a', ({ connection }) => {
      connection.write(refusals[status])
      if (status === 503) connection.end()
    })
    const gateway = await strictGateway(t, [backend])
    const target = `/api/kernels/${backend.jupyter.hasKernel()}/channels?session_id=`
    const clients = Array.from({ length: 100 }, () => gateway.connect())
    const answers = clients.map((client, i) => {
      client.write(handshake(`${target}${i}`))
      return answerOn(client)
    })
    const statuses = (await Promise.all(answers)).map((answer) => answer.status)
    t.same(new Set(statuses), new Set([status]))
    await Promise.all(backend.asked.map(({ connection }) => connection.closed))
    t.equal(backend.asked.length, 100)
    // The refused are still clients: their connections are kept, until they or we end them.
    for (const client of clients) client.end()
    t.equal(
      await settled(
        () => acceptedAt(gateway.port),
        (count) => count === 0,
      ),
      0,
    )
  })
}

t.test('100 clients that reset their connection before the backend answers leave none open to it', async (t) => {
  const backend = await jupyterBackend(t, 'a', ({ connection }) => connection.closed)
  const gateway = await strictGateway(t, [backend])
  const target = `/api/kernels/${backend.jupyter.hasKernel()}/channels?session_id=`
  const clients = Array.from({ length: 100 }, () => gateway.connect())
  clients.forEach((client, i) => {
    client.write(handshake(`${target}${i}`))
  })
  await backend.heard(100)
  for (const client of clients) client.reset()
  await Promise.all(backend.asked.map(({ connection }) => connection.closed))
  t.equal(
    await settled(
      () => acceptedAt(gateway.port),
      (count) => count === 0,
    ),
    0,
  )
})
