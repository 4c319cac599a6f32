import type Docker from 'dockerode'
import t from 'tap'
import { imagesOf, obtainable } from '../../../provisioner/stack/obtainable.ts'
import { well } from './answers.ts'

/** An engine that has some images, and a registry in reach that has others. */
function stage({
  local = [],
  remote = [],
  services = well().services,
}: { readonly [Name in 'local' | 'remote' | 'services']?: readonly unknown[] } = {}) {
  const said: string[] = []
  const engine = {
    getImage: (name: string) => ({
      async inspect() {
        if (!local.includes(name)) throw Object.assign(new Error('no such image'), { statusCode: 404 })
        return { Id: name }
      },
      async distribution() {
        if (!remote.includes(name)) throw Object.assign(new Error('dial tcp: i/o timeout'), { statusCode: 500 })
      },
    }),
    listServices: async () => services,
    listTasks: async () => [],
    listNodes: async () => [],
  } as unknown as Docker
  return { machine: { engine, progress: { say: (text: string) => said.push(text), doing() {} } }, said }
}
const [server = '', agent = ''] = imagesOf('portainer', {})

t.test('the images are those of the file, unless others are named', async (t) => {
  t.match(server, /^portainer\/portainer-ce:\d/)
  t.match(agent, /^portainer\/agent:\d/)
  t.strictSame(imagesOf('portainer', { PYLI_PORTAINER_IMAGE: 'mirror.example/portainer:1' }), [
    'mirror.example/portainer:1',
    agent,
  ])
  t.strictSame(imagesOf('egress', {}), [])
})

t.test('what cannot be fetched is left out, and told', async (t) => {
  const { machine, said } = stage()
  t.strictSame(await obtainable(machine, ['egress', 'portainer'], {}), ['egress'])
  t.strictSame(said, [`    portainer is left out, as its image cannot be fetched: ${server}`])
  t.strictSame(await obtainable(stage({ remote: [server] }).machine, ['portainer'], {}), [], 'both are needed')
})

t.test('what is here or can be fetched runs, and what runs already stays', async (t) => {
  t.strictSame(await obtainable(stage({ local: [agent], remote: [server] }).machine, ['portainer'], {}), ['portainer'])
  const portainer = { ID: 'p', Spec: { Name: 'pyli_portainer' } }
  t.strictSame(await obtainable(stage({ services: [portainer] }).machine, ['portainer'], {}), ['portainer'])
})
