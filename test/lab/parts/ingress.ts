import { minutes } from '../../../gateway/config/units.ts'
import { execute, LabClient } from '../../whole/support/lab-client.ts'
import { quiet } from '../support/gateway.ts'
import { part } from '../support/part.ts'
import { states } from '../support/states.ts'
import { door, lab, MANAGER, pyli, pyliDoes, shell, WORKERS } from '../support/the-lab.ts'

/** The mesh is the kernel's, and the lab has its host's kernel. */
const hasMesh = async (): Promise<boolean> => {
  const { code } = await lab.ran(MANAGER, [
    'sh',
    '-c',
    'test -d /sys/module/ip_vs || zcat /proc/config.gz | grep -q "^CONFIG_IP_VS=[ym]" || modprobe --dry-run --quiet ip_vs',
  ])
  return code === 0
}

part(
  'through the mesh every machine answers; a kernel that has none is told before anything is changed',
  async (t) => {
    if (!(await hasMesh())) {
      const before = await states()
      const { code, stderr } = await pyli(MANAGER, ['manager', '--with=ingress'])
      t.not(code, 0)
      t.match(stderr, /^This machine's kernel has no IP_VS, .* or leave ingress out\.\n$/)
      t.strictSame(await states(), before, 'nothing was done')
      t.match(await pyliDoes(['manager']), 'Nothing had to be changed', 'and it is not remembered')
      return
    }
    const addresses = await Promise.all([MANAGER, ...WORKERS].map((node) => lab.address(node)))
    await pyliDoes(['manager', '--with=ingress', ...addresses.map((address) => `--name=${address}`)])
    t.match(await shell(MANAGER, 'docker service ls'), /pyli_gateway.*\*:443->443\/tcp/)
    for (const node of [MANAGER, ...WORKERS]) {
      const entrance = await door(node)
      const client = await new LabClient(entrance).ready()
      const kernel = await client.kernels.startNew({ name: 'python3' })
      t.equal(await execute(kernel, 'print(1 + 2)'), '3', `through n${node}`)
      client.dispose()
    }
    await quiet((await door()).rest)
    await pyliDoes(['manager', '--with=', '--name='])
    t.match(await pyliDoes(['manager']), 'Nothing had to be changed')
  },
  minutes(15),
)
