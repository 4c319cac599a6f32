import { minutes, seconds } from '../../gateway/config/units.ts'
import type { Machine } from '../cluster/machine.ts'
import type { Step } from '../cluster/settle.ts'
import { succeed } from '../host/run.ts'
import { SECRET_LABEL } from './secrets.ts'
import { stillThere } from './serving.ts'
import { listNetworks, STACK, viewStack } from './swarm.ts'

/**
 * Services, their tasks, networks and secrets; volumes and notebooks stay. A task that drains holds the stack's networks
 * after `docker stack rm` has ended: a stack that was deployed anew would hang until it is gone.
 */
export function removeSteps({ engine, run }: Machine, patience = minutes(70)): Step[] {
  const secrets = () => engine.listSecrets({ filters: { label: [SECRET_LABEL] } })
  let draining: readonly string[] | undefined
  const tasks = async () => {
    // Once its service is gone a task is found by its id alone.
    draining ??= stillThere(await viewStack(engine)).map(({ ID }) => ID)
    const all = (await engine.listTasks()) as unknown as Parameters<typeof stillThere>[0]['tasks']
    return stillThere({ tasks: all.filter(({ ID }) => draining?.includes(ID)) })
  }
  return [
    {
      title: 'no service of the stack is left',
      async look() {
        await tasks()
        const { services } = await viewStack(engine)
        return services.length === 0 ? undefined : `${services.length} are there`
      },
      change: async () => void (await succeed(run, ['docker', 'stack', 'rm', STACK])),
      patience: seconds(30),
    },
    {
      title: 'every task of it has ended',
      async look() {
        const left = await tasks()
        return left.length === 0 ? undefined : `${left.length} are left: servers end once nobody uses their kernels`
      },
      patience,
      advice: 'Run this again to wait on.',
    },
    {
      title: 'no network of it is left',
      async look() {
        const networks = await listNetworks(engine)
        return networks.length === 0 ? undefined : networks.map(({ Name }) => Name).join(', ')
      },
      async change() {
        for (const { Id } of await listNetworks(engine))
          await engine
            .getNetwork(Id)
            .remove()
            .catch(() => {}) // Swarm may be removing it itself: whether it is gone is what counts
      },
      patience: seconds(60),
    },
    {
      title: 'the swarm has no secret of it',
      async look() {
        const left = await secrets()
        return left.length === 0 ? undefined : `it has ${left.length}`
      },
      async change() {
        for (const { ID } of await secrets()) await engine.getSecret(ID).remove()
      },
    },
  ]
}
