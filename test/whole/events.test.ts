import t from 'tap'
import { startCluster } from './support/cluster.ts'
import { LabClient } from './support/lab-client.ts'
import { until } from './support/until.ts'

const SCHEMA = 'https://events.jupyter.org/jupyter_server/contents_service/v1'

const cluster = await startCluster(t)
const { rest, behind } = cluster
const lab = await new LabClient(cluster).ready()
t.teardown(() => lab.dispose())

interface Heard {
  readonly action: string
  readonly path: string
}

const heard: Heard[] = []
lab.events().stream.connect((_, event) => void heard.push(event as unknown as Heard))
const hasHeard = (path: string) => heard.some((event) => event.path === path)

t.test('a listener hears what happens on either server', async (t) => {
  for (const [at, server] of behind.entries()) {
    const data = { action: 'get', path: `emitted-on-${at}` }
    await until(`an event of server ${at + 1}`, async () => {
      // Again and again: whether somebody listens already cannot be asked.
      await server.get('POST', 'api/events', { schema_id: SCHEMA, version: '1', data })
      return hasHeard(data.path)
    })
  }
  t.pass()
})

t.test('what is emitted through the gateway is heard once', async (t) => {
  const data = { action: 'get', path: 'through-the-gateway' }
  await rest.get('POST', 'api/events', { schema_id: SCHEMA, version: '1', data })
  await until('the event', () => hasHeard(data.path))
  await rest.get('POST', 'api/events', { schema_id: SCHEMA, version: '1', data: { ...data, path: 'the-last' } })
  await until('the next event', () => hasHeard('the-last'))
  t.equal(heard.filter(({ path }) => path === data.path).length, 1)
})

t.test('every save is heard of, whichever server it went to', async (t) => {
  const paths = Array.from({ length: 8 }, (_, at) => `saved-${at}.txt`)
  for (const path of paths) {
    await rest.get('PUT', `api/contents/${path}`, { type: 'file', format: 'text', content: path })
  }
  await until('all of them', () =>
    paths.every((path) => heard.some((event) => event.action === 'save' && event.path === path)),
  )
  t.pass()
})

t.test('after a server was away its events are heard again', async (t) => {
  await cluster.servers[0]?.kill()
  await cluster.servers[0]?.start()
  const data = { action: 'get', path: 'after-its-return' }
  await until('an event', async () => {
    await behind[0]?.get('POST', 'api/events', { schema_id: SCHEMA, version: '1', data })
    return hasHeard(data.path)
  })
  t.pass()
})
