import { duration } from '../../gateway/config/forms/quantity.ts'
import { type Ms, minutes, seconds } from '../../gateway/config/units.ts'
import type { Machine } from '../cluster/machine.ts'
import { type ClusterNode, listNodes } from '../cluster/nodes.ts'
import type { Step } from '../cluster/settle.ts'
import { Trouble } from '../local/trouble.ts'
import type { BackendView, GatewayAdmin } from './gateway-admin.ts'
import { stillThere, tasksNamed } from './serving.ts'
import { STACK, type StackView, type TaskView, viewStack } from './swarm.ts'

const JUPYTER_PORT = 8888
/** A little more than a server's own deadline (stop_grace_period of stack.yml). */
const ENDING = minutes(65)

/**
 * Kernels first, then the node: its servers are told to take no one new, which can be taken back; once nobody uses a kernel
 * of theirs, or after `patience`, Swarm ends its tasks, which can not.
 */
export function drainSteps(machine: Machine, gateway: GatewayAdmin, name: string, patience: Ms): Step[] {
  const { engine, progress, clock } = machine
  /** None of one that is drained already: what is left there ends by itself. */
  const servers = async () => {
    const { isActive } = await findNode(engine, name)
    return isActive ? serversOn(await viewStack(engine), await gateway.backends(), name) : []
  }
  let until: number | undefined
  return [
    {
      title: `the servers on ${name} take no one new`,
      async look() {
        const open = (await servers()).filter(({ state }) => TAKES_NEW.has(state))
        return open.length === 0 ? undefined : `${open.map(({ address }) => address).join(', ')} do`
      },
      async change() {
        for (const { address } of await servers()) await gateway.tell(address, 'drain')
      },
      patience: seconds(30),
    },
    {
      title: `nobody uses a kernel on ${name}, or ${duration().write(patience)} are over`,
      async look() {
        until ??= clock() + patience
        const used = inUse(await servers())
        if (used.count === 0) return undefined
        if (clock() < until) return used.told
        progress.say(`    ${used.told}: their servers are told to end, and are killed in an hour`)
        return undefined
      },
      patience: (patience + seconds(5)) as Ms,
    },
    availability(machine, name, 'drain', `Swarm has taken its tasks from ${name}`),
    {
      title: `every task on ${name} has ended`,
      async look() {
        const { id } = await findNode(engine, name)
        const left = stillThere(await viewStack(engine)).filter(({ NodeID }) => NodeID === id)
        return left.length === 0 ? undefined : `${left.length} are left`
      },
      patience: ENDING,
      advice: 'Run this again to wait on.',
    },
  ]
}

/** What Swarm has not placed for want of a place comes here; what runs elsewhere stays there. */
export function activateSteps(machine: Machine, gateway: GatewayAdmin, name: string): Step[] {
  const { engine } = machine
  const drained = async () =>
    serversOn(await viewStack(engine), await gateway.backends(), name).filter(({ state }) => state === 'draining')
  /** It may have been drained as well, and is not back yet. */
  const isThere = () =>
    gateway.backends().then(
      () => undefined,
      (error: Error) => error.message,
    )
  return [
    availability(machine, name, 'active', `Swarm may use ${name}`),
    { title: 'the gateway answers', look: isThere, patience: minutes(3) },
    {
      title: `the servers on ${name} take new kernels`,
      async look() {
        const left = await drained()
        return left.length === 0 ? undefined : `${left.map(({ address }) => address).join(', ')} do not`
      },
      async change() {
        for (const { address } of await drained()) await gateway.tell(address, 'restore')
      },
      patience: seconds(30),
    },
  ]
}

const TAKES_NEW: ReadonlySet<string> = new Set(['joining', 'ready', 'slow'])

function availability({ engine }: Machine, name: string, wanted: 'active' | 'drain', title: string): Step {
  return {
    title,
    async look() {
      const { isActive } = await findNode(engine, name)
      return isActive === (wanted === 'active') ? undefined : `it is ${isActive ? 'active' : 'drained'}`
    },
    async change() {
      const { id } = await findNode(engine, name)
      const { Version, Spec } = await engine.getNode(id).inspect()
      await engine.getNode(id).update({ ...Spec, version: Version.Index, Availability: wanted })
    },
    patience: seconds(10),
  }
}

async function findNode(engine: Machine['engine'], name: string): Promise<ClusterNode> {
  const nodes = await listNodes(engine)
  const node = nodes.find((each) => each.name === name)
  if (node === undefined)
    throw new Trouble(
      `No machine of the cluster is called ${name}: it has ${nodes.map(({ name }) => name).join(', ')}.`,
    )
  return node
}

/** The gateway's view of the Jupyter servers that shall run on a node. */
export function serversOn(view: StackView, backends: readonly BackendView[], name: string): BackendView[] {
  const node = view.nodes.find((each) => each.name === name)
  const tasks = tasksNamed('jupyter', view).filter(
    ({ NodeID, DesiredState }) => NodeID === node?.id && DesiredState === 'running',
  )
  const addresses = new Set(tasks.flatMap(addressOf))
  return backends.filter(({ address }) => addresses.has(address))
}

function addressOf({ NetworksAttachments }: TaskView): string[] {
  const own = NetworksAttachments?.find(({ Network }) => Network.Spec.Name === `${STACK}_notebooks`)
  return (own?.Addresses ?? []).map((address) => `${address.split('/')[0]}:${JUPYTER_PORT}`)
}

/** A kernel that computes, or that somebody looks at. */
export function inUse(servers: readonly BackendView[]): { readonly count: number; readonly told: string } {
  const kernels = servers.flatMap(({ kernels }) => kernels).filter((k) => k.state === 'busy' || k.connections > 0)
  const paths = [...new Set(kernels.flatMap(({ paths }) => paths))]
  const shown = paths.slice(0, 3).join(', ') + (paths.length > 3 ? ` and ${paths.length - 3} more` : '')
  const kernelsAre = kernels.length === 1 ? '1 kernel is' : `${kernels.length} kernels are`
  return { count: kernels.length, told: `${kernelsAre} in use${shown ? ` (${shown})` : ''}` }
}
