import t from 'tap'
import { ask, request } from './support/client.ts'
import { strictGateway } from './support/gateway.ts'
import { asJupyter, jupyterBackend, type Script } from './support/jupyter-backend.ts'

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
const part = `${chunked}4\r\npart\r\n`

/** Two backends with one script, and all that both were asked. */
async function twoBackends(t: Parameters<typeof jupyterBackend>[0], script: Script) {
  const backends = [await jupyterBackend(t, 'a', script), await jupyterBackend(t, 'b', script)] as const
  const gateway = await strictGateway(t, backends)
  return { backends, gateway, asked: () => backends.flatMap((backend) => backend.asked) }
}

for (const [what, bytes, how] of [
  ['partly received and then reset', part, 'reset'],
  ['partly received and then ended', part, 'end'],
  ['ended behind its head', chunked, 'end'],
] as const) {
  t.test(`a GET whose chunked answer was ${what} is never sent again, and its client sees no end of it`, async (t) => {
    const { backends, gateway, asked } = await twoBackends(t, (request, jupyter) => {
      if (request.target === '/api/me') request.connection.write(bytes)
      else asJupyter(request, jupyter)
    })
    const client = gateway.connect()
    client.write(request('GET', '/api/me'))
    // A reset may overtake what was sent before it.
    if (how === 'reset') await client.takeThrough('part')
    else await Promise.race(backends.map((backend) => backend.heard(1)))
    asked()[0]?.connection[how]()
    await client.closed
    t.notMatch(client.received.toString(), '0\r\n\r\n')
    t.equal((await ask(gateway.connect(), request('GET', '/api/kernels'))).status, 200)
    t.equal(asked().filter(({ target }) => target === '/api/me').length, 1)
  })
}

for (const how of ['end', 'reset'] as const) {
  t.test(`a GET that meets a kept connection at its ${how} is sent again on a new one`, async (t) => {
    const backend = await jupyterBackend(t, 'a', (asked, jupyter) => {
      if (asked.earlier > 0) return asked.connection[how]()
      asJupyter(asked, jupyter)
    })
    const kernel = backend.jupyter.hasKernel()
    const gateway = await strictGateway(t, [backend])
    const { status, body } = await ask(gateway.connect(), request('GET', `/api/kernels/${kernel}`))
    t.equal(status, 200)
    t.match(JSON.parse(body), { id: kernel })
    t.same(
      backend.asked.map(({ earlier }) => earlier > 0),
      [true, false],
    )
  })
}

t.test('a POST on which the connection ends unanswered is 503 and was said once, on a new connection', async (t) => {
  const { gateway, asked } = await twoBackends(t, ({ connection }) => connection.end())
  const { status } = await ask(gateway.connect(), request('POST', '/api/security/csp-report', [], '{}'))
  t.equal(status, 503)
  t.same(
    asked().map(({ earlier }) => earlier),
    [0],
  )
})
