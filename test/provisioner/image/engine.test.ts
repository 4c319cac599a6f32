import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import Docker from 'dockerode'
import t, { type Test } from 'tap'
import { buildImage } from '../../../provisioner/image/build.ts'
import { findEngine } from '../../../provisioner/image/engine.ts'
import { jupyterRecipe } from '../../../provisioner/image/recipe.ts'
import { startServer } from '../../../provisioner/image/server.ts'

// An engine's answers, by one of our own: what is rare with a real one happens here each time.

async function engineThat(t: Test, answer: RequestListener): Promise<Docker> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.closeAllConnections())
  t.teardown(() => server.close())
  return new Docker({ protocol: 'http', host: '127.0.0.1', port: (server.address() as AddressInfo).port })
}

const recipe = jupyterRecipe('small', { tag: 'one:two' })
function watched() {
  const said: string[] = []
  const progress = { say: (text: string) => void said.push(text), doing() {} }
  return { said, context: { progress, stop: new AbortController().signal } }
}

t.test('where no engine answers, a sentence says what to do', async (t) => {
  const before = process.env.DOCKER_HOST
  process.env.DOCKER_HOST = 'tcp://127.0.0.1:1'
  t.teardown(() => {
    if (before === undefined) delete process.env.DOCKER_HOST
    else process.env.DOCKER_HOST = before
  })
  await t.rejects(findEngine(), {
    name: 'Trouble',
    message: /^No Docker engine answers \(ECONNREFUSED\): start it .*, or name another one in DOCKER_HOST\.$/,
  })
})

t.test('the engine is told what to build, and what it says is told, wherever its pieces are cut', async (t) => {
  let asked = ''
  const engine = await engineThat(t, (request, response) => {
    if (request.url?.startsWith('/build')) {
      asked = request.url
      request.resume().on('end', () => {
        const text = ['Step 1/1 : FROM debian\n', ' ---> 01\n'].map((stream) => JSON.stringify({ stream })).join('\r\n')
        response.write(text.slice(0, 9))
        setTimeout(() => response.end(text.slice(9)), 20)
      })
    } else response.end(JSON.stringify({ Id: 'sha256:ab', Size: 12_345_678 }))
  })
  const { said, context } = watched()
  t.same(await buildImage(engine, recipe, context), { id: 'sha256:ab', tag: 'one:two', bytes: 12_345_678 })
  const query = new URL(asked, 'http://engine').searchParams
  t.equal(query.get('t'), 'one:two')
  t.match(JSON.parse(query.get('buildargs') ?? ''), { BASE: 'debian:trixie-slim', BASH: '1', R: '' })
  t.match(said, ['Building one:two with python, bash', /1\/1 +FROM debian/, /one:two is built: 12 MB/])
})

t.test('a build that fails within an answer that began well is a failure', async (t) => {
  const engine = await engineThat(t, (request, response) => {
    const events = [{ stream: 'Step 1/2 : RUN false\n' }, { error: 'returned a non-zero code: 1' }]
    request.resume().on('end', () =>
      response.end(
        events
          .map((event) => JSON.stringify(event))
          .join('\n')
          .concat('\n'),
      ),
    )
  })
  await t.rejects(buildImage(engine, recipe, watched().context), {
    name: 'Trouble',
    message: /nothing was tagged\. Step 1\/2 failed: RUN false/,
  })
})

t.test('an engine that breaks off in the middle is no success', async (t) => {
  const engine = await engineThat(t, (request, response) => {
    request.resume().on('end', () => {
      response.write(`${JSON.stringify({ stream: 'Step 1/2 : FROM debian\n' })}\n`)
      setTimeout(() => response.destroy(), 20)
    })
  })
  await t.rejects(buildImage(engine, recipe, watched().context))
})

t.test('an image that is not there, and a name or port that is taken, are told with what to do', async (t) => {
  const plan = { image: 'pyli-jupyter:full', name: 'one', port: 8888, notebooks: 'a-volume' }
  const secrets = { token: 'a', cookieSecret: 'b' }
  const removed: string[] = []
  const refusing = (where: RegExp, status: number, message: string) =>
    engineThat(t, (request, response) => {
      request.resume()
      if (request.method === 'DELETE') removed.push(request.url ?? '')
      const isRefused = where.test(`${request.method} ${request.url}`)
      const wellDone = { POST: 201, PUT: 200, DELETE: 204 }[request.method ?? ''] ?? 200
      response.writeHead(isRefused ? status : wellDone, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify(isRefused ? { message } : { Id: 'abc' }))
    })
  const create = /POST \/containers\/create/
  await t.rejects(startServer(await refusing(create, 404, 'No such image'), plan, secrets), {
    message: 'There is no image pyli-jupyter:full: `pyli image build` makes one.',
  })
  await t.rejects(startServer(await refusing(create, 409, 'Conflict'), plan, secrets), { message: /docker rm -f one/ })
  t.same(removed, [])
  const taken = await refusing(
    /\/start/,
    500,
    'driver failed: Bind for 127.0.0.1:8888 failed: port is already allocated',
  )
  await t.rejects(startServer(taken, plan, secrets), { message: 'Port 8888 is taken: name another one with --port.' })
  t.equal(removed.length, 1, 'and nothing is left of it')
})
