import { minutes } from '../../../gateway/config/units.ts'
import { execute, LabClient } from '../../whole/support/lab-client.ts'
import { ownRegistry } from '../support/own-registry.ts'
import { part } from '../support/part.ts'
import { imageOf, nodesOf } from '../support/services.ts'
import { door, lab, MANAGER, pyli, pyliDoes, shell } from '../support/the-lab.ts'

const isOurRegistryUp = async (): Promise<boolean> =>
  (await shell(MANAGER, 'docker ps --quiet --filter name=^pyli-registry$')).trim() !== ''

part(
  "a cluster moves to an operator's own registry, behind TLS and a login, and back",
  async (t) => {
    const registry = await ownRegistry()
    const option = `--registry=${registry.address}`
    const refused = async (why: RegExp) => {
      const { code, stderr } = await pyli(MANAGER, ['manager', option])
      t.not(code, 0)
      t.match(stderr, why)
      t.ok(stderr.trim().split('\n').length <= 2, stderr)
    }
    const ours = `${await lab.address(MANAGER)}:5000/`
    await refused(/^The registry does not answer for \S+: .*certificate/)
    await registry.introduce()
    await refused(/^The registry does not answer for .*`docker login` as root/)
    t.ok((await imageOf('jupyter')).startsWith(ours), 'what runs is what ran')

    await registry.logIn()
    await pyliDoes(['manager', option])
    for (const service of ['jupyter', 'gateway'] as const)
      t.ok((await imageOf(service)).startsWith(`${registry.address}/pyli/`), service)
    t.strictSame(await nodesOf('jupyter'), ['n2', 'n2', 'n3', 'n3'], 'where nobody has logged in')
    t.notOk(await isOurRegistryUp(), "the cluster's own is not needed any more")
    t.match(await pyliDoes(['manager']), 'Nothing had to be changed')
    const client = await new LabClient(await door()).ready()
    t.teardown(() => client.dispose())
    const kernel = await client.kernels.startNew({ name: 'python3' })
    t.equal(await execute(kernel, 'print(6 * 7)'), '42')
    await kernel.shutdown()

    await pyliDoes(['manager', '--registry='])
    t.ok((await imageOf('jupyter')).startsWith(ours))
    t.ok(await isOurRegistryUp())
    await registry.remove()
    t.match(await pyliDoes(['manager']), 'Nothing had to be changed')
  },
  minutes(30),
)
