import { PassThrough, Readable } from 'node:stream'
import type Docker from 'dockerode'
import t from 'tap'
import type { Machine } from '../../../provisioner/cluster/machine.ts'
import { settle } from '../../../provisioner/cluster/settle.ts'
import { copyOf, fetchedImages, fetchSteps, runnableParts } from '../../../provisioner/stack/fetched.ts'
import type { Variables } from '../../../provisioner/stack/variables.ts'
import { well } from './answers.ts'

const REGISTRY = 'n1:5000'
const DIGEST = `sha256:${'d'.repeat(64)}`
const [server, agent] = fetchedImages('portainer', {}) as [
  ReturnType<typeof fetchedImages>[number],
  ReturnType<typeof fetchedImages>[number],
]
const copies = [server, agent].map((image) => copyOf(REGISTRY, image)) as [string, string]
const byDigest = {
  PYLI_PORTAINER_IMAGE: `n1:5000/pyli/portainer@${DIGEST}`,
  PYLI_PORTAINER_AGENT_IMAGE: `n1:5000/pyli/portainer-agent@${DIGEST}`,
}

interface World {
  /** On the first machine. */
  readonly local?: readonly string[]
  /** Of Docker Hub. */
  readonly remote?: readonly string[]
  /** Of Docker Hub, where the answer breaks off. */
  readonly broken?: readonly string[]
  readonly copied?: readonly string[]
  readonly services?: readonly unknown[]
}

/** An engine that has some images, the cluster's registry, and Docker Hub, in reach or not. */
function stage({ local = [], remote = [], broken = [], copied = [], services = well().services }: World = {}) {
  const [here, registry] = [new Set(local), new Set(copied)]
  const did: string[] = []
  const said: string[] = []
  const answer = (event: object) => Readable.from([`${JSON.stringify(event)}\n`]).pipe(new PassThrough())
  const engine = {
    getImage: (name: string) => ({
      async inspect() {
        if (!here.has(name)) throw Object.assign(new Error('no such image'), { statusCode: 404 })
        return { Id: name }
      },
      async distribution() {
        if (registry.has(name) || remote.includes(name) || broken.includes(name))
          return { Descriptor: { digest: DIGEST } }
        if (name.startsWith(REGISTRY)) throw Object.assign(new Error('manifest unknown'), { statusCode: 404 })
        throw new Error('(HTTP code 500) server error - Get "https://registry-1.docker.io/v2/": dial tcp: i/o timeout')
      },
      async tag({ repo, tag }: { repo: string; tag: string }) {
        did.push(`tag ${name} ${repo}:${tag}`)
      },
      async push() {
        did.push(`push ${name}`)
        registry.add(name)
        return answer({ id: 'a', status: 'Pushed' })
      },
    }),
    async pull(name: string) {
      did.push(`pull ${name}`)
      if (broken.includes(name)) return answer({ error: 'unexpected EOF' })
      here.add(name)
      return answer({ id: 'a', status: 'Pull complete' })
    },
    listServices: async () => services,
    listTasks: async () => [],
    listNodes: async () => [],
  } as unknown as Docker
  const machine = {
    engine,
    progress: { say: (text: string) => said.push(text.trim()), doing() {} },
    stop: new AbortController().signal,
    clock: () => 0,
    sleep: async () => {},
  } as unknown as Machine
  return { machine, did, told: () => said.filter((line) => !line.startsWith('✓')) }
}

const settled = ({ machine }: ReturnType<typeof stage>, tuned: Variables = {}) =>
  settle(
    fetchSteps(machine, REGISTRY, ['egress', 'portainer'], async () => tuned),
    machine,
  )

const runs = (name: string, image: string) => ({
  ID: name,
  Spec: { Name: `pyli_${name}`, TaskTemplate: { ContainerSpec: { Image: image } } },
})

t.test('the images are those of the file, unless others are named', async (t) => {
  t.match(server, { variable: 'PYLI_PORTAINER_IMAGE', service: 'portainer', source: /^portainer\/portainer-ce:\d/ })
  t.match(agent, { variable: 'PYLI_PORTAINER_AGENT_IMAGE', service: 'portainer-agent', source: /^portainer\/agent:\d/ })
  const [other, same] = fetchedImages('portainer', { PYLI_PORTAINER_IMAGE: 'mirror.example/portainer:1' })
  t.equal(other?.source, 'mirror.example/portainer:1')
  t.not(other && copyOf(REGISTRY, other), copies[0], 'and the registry has them apart')
  t.strictSame(same, agent)
  t.strictSame(fetchedImages('egress', {}), [])
})

t.test('what can be fetched is, once, and pushed to the registry', async (t) => {
  const there = stage({ remote: [server.source, agent.source] })
  t.equal((await settled(there)).length, 1)
  t.strictSame(there.did, [
    `pull ${server.source}`,
    `tag ${server.source} ${copies[0]}`,
    `push ${copies[0]}`,
    `pull ${agent.source}`,
    `tag ${agent.source} ${copies[1]}`,
    `push ${copies[1]}`,
  ])
  t.strictSame(await settled(there), [])
  t.equal(there.did.length, 6, 'a second run does nothing')
})

t.test('what somebody has loaded is not fetched', async (t) => {
  const there = stage({ local: [server.source, agent.source] })
  await settled(there)
  t.strictSame(
    there.did.filter((what) => what.startsWith('pull')),
    [],
  )
  t.strictSame(
    there.did.filter((what) => what.startsWith('push')),
    copies.map((copy) => `push ${copy}`),
  )
})

t.test('what the registry has is kept, whether or not its source is in reach', async (t) => {
  const there = stage({ copied: copies })
  t.strictSame(await settled(there), [])
  t.strictSame([...there.did, ...there.told()], [])
})

t.test('what cannot be had is told in one line, and is no failure and no change', async (t) => {
  const there = stage()
  t.strictSame(await settled(there), [])
  t.strictSame(there.told(), [
    `portainer is left out, as ${server.source} cannot be fetched (dial tcp: i/o timeout): \`docker load\` it here and run this again, or give --without portainer`,
  ])
  const half = stage({ remote: [server.source] })
  await settled(half)
  t.strictSame(half.did, [], 'one of two images is of no use')
})

t.test('what breaks off is told the same way', async (t) => {
  const there = stage({ remote: [server.source], broken: [agent.source] })
  await settled(there)
  t.match(there.told(), [/^portainer is left out, as portainer\/agent\S+ cannot be fetched \(.*unexpected EOF\)/])
})

t.test('a part runs by the copies of its images, or not at all', async (t) => {
  const parts = (world: World, tuned: Variables = {}) =>
    runnableParts(stage(world).machine.engine, REGISTRY, ['egress', 'portainer'], tuned)
  t.strictSame(await parts({ copied: copies }), { parts: ['egress', 'portainer'], images: byDigest })
  t.strictSame(await parts({ copied: copies.slice(0, 1) }), { parts: ['egress'], images: {} })
})

t.test('what runs goes on by its images, where others were asked for and cannot be had', async (t) => {
  const services = [runs('portainer', byDigest.PYLI_PORTAINER_IMAGE), runs('portainer-agent', 'n1:5000/old')]
  const tuned = { PYLI_PORTAINER_IMAGE: 'portainer/portainer-ce:nonsense' }
  const there = stage({ copied: copies, services })
  await settled(there, tuned)
  t.match(there.told(), [/^portainer stays as it is, as portainer\/portainer-ce:nonsense cannot be fetched/])
  t.strictSame(await runnableParts(there.machine.engine, REGISTRY, ['portainer'], tuned), {
    parts: ['portainer'],
    images: byDigest,
  })
})
