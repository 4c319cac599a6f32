import t, { type Test } from 'tap'
import { until } from '../whole/support/until.ts'
import { ask, handshake, request } from './support/client.ts'
import { strictGateway } from './support/gateway.ts'
import { jupyterBackend } from './support/jupyter-backend.ts'

const probes = ['--probe-every=100ms', '--probe-timeout=100ms', '--fall=2']
const limits = ['--hold-for=400ms', '--answer-timeout=1s', '--upgrade-timeout=1s']
/** What may be added to what was promised: the machine may be small and busy. Milliseconds. */
const patience = 3_000

async function timed<T>(promise: Promise<T>): Promise<T & { took: number }> {
  const begun = performance.now()
  return { ...(await promise), took: performance.now() - begun }
}

t.test(
  'what names a kernel of a backend that says nothing any more is 503 soon, whether that is known or not',
  async (t) => {
    const backend = await jupyterBackend(t)
    const session = backend.jupyter.hasSession('a.ipynb')
    const kernel = backend.jupyter.sessions.get(session)?.kernelId
    const gateway = await strictGateway(t, [backend], { flags: [...probes, ...limits] })
    backend.silent = true
    for (const when of ['at first', 'later']) {
      const answers = [
        request('GET', `/api/kernels/${kernel}`),
        request('POST', `/api/kernels/${kernel}/interrupt`),
        request('DELETE', `/api/kernels/${kernel}`),
        request('PATCH', `/api/sessions/${session}`, [], '{"name":"b"}'),
        handshake(`/api/kernels/${kernel}/channels?session_id=a`),
      ].map((bytes) => timed(ask(gateway.connect(), bytes)))
      for (const answer of await Promise.all(answers)) {
        t.equal(answer.status, 503, when)
        t.match(answer.head, /^retry-after: \d+\r$/im)
        t.ok(answer.took < 1_000 + 400 + patience, `${answer.took} ms`)
      }
    }
  },
)

t.test('who only asks or listens need not wait for the end of the usual limits', async (t) => {
  const backend = await jupyterBackend(t)
  const kernel = backend.jupyter.hasKernel()
  const gateway = await strictGateway(t, [backend], { flags: [...probes, '--hold-for=400ms'] })
  backend.silent = true
  const asked = [request('GET', `/api/kernels/${kernel}`), handshake(`/api/kernels/${kernel}/channels?session_id=a`)]
  for (const answer of await Promise.all(asked.map((bytes) => timed(ask(gateway.connect(), bytes))))) {
    t.equal(answer.status, 503)
    t.ok(answer.took < 1_000 + 400 + patience, `${answer.took} ms`)
  }
})

t.test('a session is read from a backend that says nothing for five seconds at most', async (t) => {
  const backend = await jupyterBackend(t)
  const session = backend.jupyter.hasSession('a.ipynb')
  const gateway = await strictGateway(t, [backend], { flags: ['--probe-every=1h', '--hold-for=400ms'] })
  backend.silent = true
  const answer = await timed(ask(gateway.connect(), request('GET', `/api/sessions/${session}`)))
  t.equal(answer.status, 503)
  t.ok(answer.took < 5_000 + 400 + patience, `${answer.took} ms`)
})

t.test(
  'of a backend that has said nothing since the gateway started, nothing is claimed, whatever others say',
  async (t) => {
    const backend = await jupyterBackend(t)
    backend.silent = true
    const flags = [...limits, '--probe-timeout=100ms', '--probe-every=1h']
    const gateway = await strictGateway(t, [backend, await jupyterBackend(t, 'b')], { flags, early: true })
    const id = '0f3b2c1d-aaaa-4bbb-8ccc-1234567890ab'
    for (const bytes of [
      request('GET', '/api/kernels'),
      request('GET', `/api/kernels/${id}`),
      request('POST', '/api/sessions', [], JSON.stringify({ path: 'a', type: 'notebook', kernel: { id } })),
      handshake(`/api/kernels/${id}/channels`),
    ]) {
      const answer = await timed(ask(gateway.connect(), bytes))
      t.equal(answer.status, 503)
      t.ok(answer.took < 400 + patience, `${answer.took} ms`)
    }
  },
)

/** Beside one that is well, the one that will say nothing any more, and that is asked first as it carries nothing. */
async function hanging(t: Test, flags: readonly string[]) {
  const [well, silent] = [await jupyterBackend(t, 'a'), await jupyterBackend(t, 'b')]
  for (let i = 0; i < 5; i++) well.jupyter.hasKernel()
  const gateway = await strictGateway(t, [well, silent], { flags })
  await until('it carries less', async () => {
    const { backends } = (await (await fetch(`${gateway.adminUrl}/backends`)).json()) as {
      backends: { load: number }[]
    }
    return (backends[0]?.load ?? 0) >= 5
  })
  silent.silent = true
  return { gateway, well }
}

t.test(
  'lists and status do not wait for the one that is asked first, long before its probes find that out',
  async (t) => {
    const { gateway } = await hanging(t, ['--probe-every=1h'])
    const paths = ['/api/kernels', '/api/sessions', '/api/terminals', '/api/status']
    for (const answer of await Promise.all(paths.map((path) => timed(ask(gateway.connect(), request('GET', path)))))) {
      t.equal(answer.status, 200)
      t.ok(answer.took < 4_500, `${answer.took} ms`) // of the five seconds that it would have been given
    }
  },
)

t.test(
  'a kernel that another one has is found at once, and one that nobody is known to have is soon 503',
  async (t) => {
    const { gateway, well } = await hanging(t, ['--probe-every=1h', '--survey-every=20s', '--hold-for=500ms'])
    const look = (id: string) => timed(ask(gateway.connect(), request('GET', `/api/kernels/${id}`)))
    const found = await look(well.jupyter.hasKernel())
    t.equal(found.status, 200)
    t.ok(found.took < patience, `${found.took} ms`)
    const lost = await look('0f3b2c1d-aaaa-4bbb-8ccc-1234567890ab')
    t.equal(lost.status, 503)
    t.ok(lost.took < 1_000 + patience, `${lost.took} ms`) // of the five seconds that the question would have been given
  },
)

t.test('a page that any other one has is not waited for, once it does not answer its probes', async (t) => {
  const { gateway } = await hanging(t, probes)
  const answer = await timed(ask(gateway.connect(), request('GET', '/lab')))
  t.equal(answer.status, 404, 'in the words of the other one')
  t.ok(answer.took < 1_000 + patience, `${answer.took} ms`)
})
