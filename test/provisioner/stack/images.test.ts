import { PassThrough, Readable } from 'node:stream'
import type Docker from 'dockerode'
import t from 'tap'
import type { Machine } from '../../../provisioner/cluster/machine.ts'
import { settle } from '../../../provisioner/cluster/settle.ts'
import { imageByDigest, imageSteps, type Recipe } from '../../../provisioner/stack/images.ts'
import { loginFor } from '../../../provisioner/stack/login.ts'

const DIGEST = `sha256:${'d'.repeat(64)}`

/** An engine, and a registry that has what was pushed. Both answer as Docker 26 and docker-registry 2.8 do. */
function stage({ pushEnds = {} as object } = {}) {
  const registry = new Map<string, string>()
  const did: string[] = []
  const fault = { message: '(HTTP code 404) no such image - manifest unknown', statusCode: 404 }
  const engine = {
    getImage: (tag: string) => ({
      async distribution() {
        const digest = registry.get(tag)
        if (digest === undefined) throw Object.assign(new Error(fault.message), { statusCode: fault.statusCode })
        return { Descriptor: { digest } }
      },
      async push() {
        did.push(`push ${tag}`)
        if (!('error' in pushEnds)) registry.set(tag, DIGEST)
        const events = [{ status: 'The push refers to…' }, { id: 'a', status: 'Pushed' }, pushEnds]
        return Readable.from(events.map((event) => `${JSON.stringify(event)}\r\n`)).pipe(new PassThrough())
      },
    }),
  } as unknown as Docker
  const machine = {
    engine,
    progress: { say() {}, doing() {} },
    stop: new AbortController().signal,
    clock: () => 0,
    sleep: async () => {},
  } as unknown as Machine
  const recipe = (fingerprint: string): Recipe => ({
    name: 'gateway',
    fingerprint: async () => fingerprint,
    async build(tag, { isFresh }) {
      did.push(`build ${tag}${isFresh ? ' afresh' : ''}`)
    },
  })
  return { machine, engine, did, recipe, fault }
}

t.test('what the registry has is neither built nor pushed again', async (t) => {
  const { machine, engine, did, recipe } = stage()
  await settle(imageSteps(machine, 'n1:5000', [recipe('abc')]), machine)
  t.strictSame(did, ['build n1:5000/pyli/gateway:abc', 'push n1:5000/pyli/gateway:abc'])
  t.strictSame(await settle(imageSteps(machine, 'n1:5000', [recipe('abc')]), machine), [])
  t.equal(await imageByDigest(engine, 'n1:5000', recipe('abc')), `n1:5000/pyli/gateway@${DIGEST}`)
  t.strictSame((await settle(imageSteps(machine, 'n1:5000', [recipe('def')]), machine)).length, 1, 'other inputs')
})

t.test('afresh it is built and pushed once more, under the same name', async (t) => {
  const { machine, did, recipe } = stage()
  await settle(imageSteps(machine, 'n1:5000', [recipe('abc')]), machine)
  await settle(imageSteps(machine, 'n1:5000', [recipe('abc')], { isFresh: true }), machine)
  t.strictSame(did.slice(2), ['build n1:5000/pyli/gateway:abc afresh', 'push n1:5000/pyli/gateway:abc'])
})

t.test('a push that failed is told, though its answer began well', async (t) => {
  const { machine, recipe } = stage({ pushEnds: { error: 'denied: no space left on device' } })
  await t.rejects(settle(imageSteps(machine, 'n1:5000', [recipe('abc')]), machine), {
    name: 'Trouble',
    message: 'n1:5000/pyli/gateway:abc could not be pushed: denied: no space left on device',
  })
})

t.test('a registry that does not answer is not one without the image', async (t) => {
  const { machine, engine, recipe, fault, did } = stage()
  Object.assign(fault, {
    message:
      '(HTTP code 500) server error - Get "https://n1:5000/v2/": dial tcp 10.0.0.1:5000: connect: connection refused',
    statusCode: 500,
  })
  const message =
    /^The registry does not answer for n1:5000\/pyli\/gateway:abc: connect: connection refused\. .*`docker login` as root/
  await t.rejects(settle(imageSteps(machine, 'n1:5000', [recipe('abc')]), machine), { message })
  t.strictSame(did, [], 'nothing was built for it')
  Object.assign(fault, { message: 'manifest unknown', statusCode: 404 })
  await t.rejects(imageByDigest(engine, 'n1:5000', recipe('abc')), { message: /`pyli image push` builds it/ })
})

t.test('the login of `docker login` is shown to its own registry alone', async (t) => {
  const auth = Buffer.from('me:a:b').toString('base64')
  const folder = t.testdir({ 'config.json': JSON.stringify({ auths: { 'mine:443': { auth } } }) })
  const file = `${folder}/config.json`
  t.strictSame(await loginFor('mine:443/pyli/jupyter:x', file), {
    username: 'me',
    password: 'a:b',
    serveraddress: 'mine:443',
  })
  t.strictSame(await loginFor('other:443/x', file), { serveraddress: 'other:443' })
  t.strictSame(await loginFor('other:443/x', `${folder}/none`), { serveraddress: 'other:443' })
  for (const image of ['portainer/agent:2.33.5', 'debian:trixie'])
    t.strictSame(await loginFor(image, file), { serveraddress: 'https://index.docker.io/v1/' }, 'Docker Hub')
})
