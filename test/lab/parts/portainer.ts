import { createHash } from 'node:crypto'
import { minutes } from '../../../gateway/config/units.ts'
import { until } from '../../whole/support/until.ts'
import { asOperator } from '../support/operator.ts'
import { part } from '../support/part.ts'
import { nodesOf, services } from '../support/services.ts'
import { forgetStandIn, IMAGES, loadStandIn, TAG } from '../support/stand-in.ts'
import { states } from '../support/states.ts'
import { lab, MANAGER, on, pyliDoes, shell } from '../support/the-lab.ts'
import { measured, watch } from '../support/times.ts'

const TUNING = '/etc/pyli/stack.env'
const name = (server: string): Promise<string> =>
  shell(
    MANAGER,
    `printf 'PYLI_PORTAINER_IMAGE=%s\\nPYLI_PORTAINER_AGENT_IMAGE=%s\\n' ${server} ${IMAGES.agent} >${TUNING}`,
  )

part(
  'Portainer is there by default: left out without a failure where it cannot be had, and kept where it can no longer',
  async (t) => {
    await pyliDoes(['manager', '--without=portainer'])
    await name(IMAGES.server)
    await pyliDoes(['manager', '--without='])
    const before = await states()
    const took = watch()
    const leftOut = await pyliDoes(['manager'])
    measured('a second `make` where Portainer is out of reach', took())
    t.match(leftOut, `portainer is left out, as ${IMAGES.server} cannot be fetched`)
    t.match(leftOut, 'Nothing had to be changed')
    t.strictSame(await states(), before)

    await loadStandIn()
    await pyliDoes(['stack', 'deploy'])
    const expected = {
      agents: ['n1', 'n2', 'n3'],
      password: createHash('sha256')
        .update(await on(MANAGER, ['cat', '/var/lib/pyli/secrets/portainer-password']))
        .digest('hex'),
      base: '/portainer',
    }
    const seen = async () => JSON.parse((await asOperator('/portainer/')).body) as unknown
    await until('an agent on each machine', async () => JSON.stringify(await seen()) === JSON.stringify(expected))
    t.strictSame(await nodesOf('portainer'), ['n1'], 'where its data is')
    t.strictSame(await nodesOf('portainer-agent'), ['n1', 'n2', 'n3'])

    const elsewhere = `${await lab.address(MANAGER)}:5000/elsewhere/server:${TAG}`
    await shell(
      MANAGER,
      `docker tag ${IMAGES.server} ${elsewhere} && docker push ${elsewhere} && docker rmi ${elsewhere}`,
    )
    await forgetStandIn()
    const running = await states()
    t.match(await pyliDoes(['stack', 'deploy']), 'Nothing had to be changed', 'from the registry it is had for ever')
    t.strictSame(await states(), running)

    await name('portainer.invalid/server:nonsense')
    t.match(
      await pyliDoes(['stack', 'deploy']),
      /portainer stays as it is, as portainer\.invalid\/server:nonsense cannot/,
    )
    t.strictSame(await seen(), expected)

    await name(elsewhere)
    await pyliDoes(['stack', 'deploy'])
    await shell(MANAGER, `docker rmi ${elsewhere}`) // which fails, had it not been fetched
    t.strictSame(await seen(), expected)

    await pyliDoes(['manager', '--without=portainer'])
    t.strictSame(await services(), ['pyli_gateway', 'pyli_jupyter'])
    t.equal((await asOperator('/portainer/')).status, 404, 'where nobody wants it nothing is')
    await shell(MANAGER, `rm ${TUNING}`)
  },
  minutes(20),
)
