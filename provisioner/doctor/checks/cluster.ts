import { known } from '../../host/told.ts'
import { isRunning, shortfall, tasksOf } from '../../stack/serving.ts'
import { plainName, type StackView } from '../../stack/swarm.ts'
import type { Facts } from '../facts.ts'
import { bad, type Finding, ok, warn } from '../finding.ts'

/** What only a manager knows: machines, services, images. */
export function cluster({ stack }: Facts): Finding[] {
  if (stack === undefined) return []
  const view = known(stack)
  if (view === undefined) {
    const why = 'unknown' in stack ? stack.unknown : ''
    return [
      bad(
        `the swarm does not tell of its services: ${why}`,
        'with a majority of its managers gone it must be begun anew: `docker swarm init --force-new-cluster`',
      ),
    ]
  }
  return [...machines(view), ...services(view), ...images(view)]
}

function machines({ nodes }: StackView): Finding[] {
  const down = nodes.filter(({ isReady }) => !isReady)
  const drained = nodes.filter(({ isActive, isReady }) => isReady && !isActive)
  const managers = nodes.filter(({ isManager }) => isManager)
  return [
    ...down.map(({ name }) =>
      bad(
        `${name} is down`,
        `bring it back, or forget it with \`docker node rm ${name}\`; what ran there is started elsewhere where there is room`,
      ),
    ),
    ...drained.map(({ name }) =>
      warn(`${name} is drained: nothing is started there`, `\`pyli node activate ${name}\` once it may`),
    ),
    ...(managers.length === 2
      ? [
          warn(
            'there are two managers: if one is lost, nothing can be changed any more',
            'have one or three (`docker node promote`)',
          ),
        ]
      : []),
    ...(down.length + drained.length > 0
      ? []
      : [ok(nodes.length === 1 ? 'it is the only machine' : `all ${nodes.length} machines are there`)]),
  ]
}

function services(view: StackView): Finding[] {
  if (view.services.length === 0)
    return [warn('the stack is not deployed', '`pyli manager` or `pyli stack deploy` does it')]
  const missing = shortfall(view)
  if (missing === undefined) return [ok('every service has the tasks that it can have')]
  const isUpdating = view.services.some(({ UpdateStatus }) => UpdateStatus?.State === 'updating')
  if (isUpdating)
    return [warn(`an update is under way: ${missing}`, 'wait until it is done; `pyli status` tells how far it is')]
  return [bad(missing, '`docker service ps --no-trunc` of that service tells the story of its tasks')]
}

const NO_IMAGE = /no such image|pull access denied|manifest unknown|failed to resolve reference|error pulling/i

/** On machines where no task of the service runs, as one that runs has its image: what failed before is over. */
function images(view: StackView): Finding[] {
  const lacking = view.services.flatMap((service) => {
    const tasks = tasksOf(service, view)
    const nodes = view.nodes.filter(({ id }) => {
      const here = tasks.filter(({ NodeID }) => NodeID === id)
      return !here.some(isRunning) && here.some(({ Status }) => NO_IMAGE.test(Status.Err ?? ''))
    })
    return nodes.map(({ name }) => `${name} cannot pull the image of ${plainName(service)}`)
  })
  const todo = '`pyli image push` brings it to the registry; is that reached from there, and its certificate known?'
  return lacking.map((what) => bad(what, todo))
}
