import t from 'tap'
import { containerOf } from '../../../provisioner/image/container.ts'

const plan = { image: 'pyli-jupyter:small', name: 'one', port: 8888, notebooks: 'a-volume' }

t.test(
  'a server has no rights, writes nothing but notebooks and memory, and is reached from this machine alone',
  async (t) => {
    const { HostConfig, Env } = containerOf({ ...plan, environment: { PYLI_TERMINALS: 'off' } })
    t.match(HostConfig, {
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      PortBindings: { '8888/tcp': [{ HostIp: '127.0.0.1', HostPort: '8888' }] },
    })
    t.same(Env, ['PYLI_TERMINALS=off'], 'and its environment has no secret')
  },
)

t.test('notebooks are in a folder where a path is given, and in a volume of the engine otherwise', async (t) => {
  const mountOf = (notebooks: string) => containerOf({ ...plan, notebooks }).HostConfig?.Mounts?.[0]
  t.match(mountOf('/srv/notebooks'), { Type: 'bind', Source: '/srv/notebooks', Target: '/notebooks' })
  t.match(mountOf('a-volume'), { Type: 'volume', Source: 'a-volume' })
})
