import type Docker from 'dockerode'
import { type Ms, seconds } from '../../gateway/config/units.ts'
import type { Machine } from './machine.ts'
import type { Step } from './settle.ts'

/** A machine of the swarm, as its managers know it. */
export interface ClusterNode {
  readonly id: string
  readonly name: string
  readonly address: string
  readonly isManager: boolean
  readonly isReady: boolean
  readonly isActive: boolean
  readonly engine: string
  readonly labels: Readonly<Record<string, string>>
}

/** What an engine tells of a node, as far as we read it. */
export interface NodeAnswer {
  readonly ID: string
  readonly Spec: { readonly Role: string; readonly Availability: string; readonly Labels?: Record<string, string> }
  readonly Description: { readonly Hostname: string; readonly Engine?: { readonly EngineVersion?: string } }
  readonly Status: { readonly State: string; readonly Addr: string }
  readonly ManagerStatus?: { readonly Addr: string }
}

export function readNode({ ID, Spec, Description, Status, ManagerStatus }: NodeAnswer): ClusterNode {
  return {
    id: ID,
    name: Description.Hostname,
    // A manager's own Status.Addr may be 0.0.0.0.
    address: ManagerStatus?.Addr.replace(/:\d+$/, '') ?? Status.Addr,
    isManager: Spec.Role === 'manager',
    isReady: Status.State === 'ready',
    isActive: Spec.Availability === 'active',
    engine: Description.Engine?.EngineVersion ?? 'unknown',
    labels: Spec.Labels ?? {},
  }
}

/** By name, managers first. */
export async function listNodes(engine: Docker): Promise<ClusterNode[]> {
  const answers = (await engine.listNodes()) as unknown as NodeAnswer[]
  return answers
    .map(readNode)
    .sort((a, b) => Number(b.isManager) - Number(a.isManager) || a.name.localeCompare(b.name, 'en', { numeric: true }))
}

/**
 * What is still missing of so many workers, in words; undefined where they are all there. One that was promoted to be a
 * manager as well (`docker node promote`) is still one of them.
 */
export function whoIsMissing(nodes: readonly ClusterNode[], first: string, workers: number): string | undefined {
  const ready = nodes.filter(({ name, isReady }) => name !== first && isReady)
  const down = nodes.filter(({ isReady }) => !isReady).map(({ name }) => `${name} is down`)
  if (ready.length >= workers) return undefined
  const count = `${ready.length} of ${workers} have joined${ready.length > 0 ? ` (${ready.map(({ name }) => name).join(', ')})` : ''}`
  return [count, ...down].join(', ')
}

/** Waited for, as they join by themselves. */
export const workersHaveJoined = ({ engine, name: first }: Machine, workers: number, patience: Ms): Step => ({
  title: workers === 1 ? 'the other machine has joined' : `the other ${workers} machines have joined`,
  look: async () => whoIsMissing(await listNodes(engine), first, workers),
  patience,
  advice: 'Run the line above on each machine that is missing, look there at what it waits for, and run this again.',
})

const LOOK_EVERY = seconds(2)

/** Tells of each machine that joins, whatever else is done meanwhile, until it is disposed of. */
export function announceNodes({ engine, progress, sleep }: Machine): AsyncDisposable {
  const over = new AbortController()
  const watch = async () => {
    let known: Set<string> | undefined
    while (!over.signal.aborted) {
      const ready = (await listNodes(engine)).filter(({ isReady }) => isReady)
      for (const { id, name, address, engine: version } of ready) {
        if (known?.has(id) === false) progress.say(`    ${name} is here: ${address}, engine ${version}`)
      }
      known = new Set([...(known ?? []), ...ready.map(({ id }) => id)])
      await sleep(LOOK_EVERY, over.signal)
    }
  }
  const watching = watch().catch(() => {}) // a courtesy: whoever is missing is told by the step that waits for them
  return {
    async [Symbol.asyncDispose]() {
      over.abort()
      await watching
    },
  }
}

/** Of machines that left and came back: what they were before, which never comes back. */
export const predecessors = (nodes: readonly ClusterNode[]): ClusterNode[] =>
  nodes.filter((node) => !node.isReady && nodes.some(({ isReady, name }) => isReady && name === node.name))

export const nodesStandOnce = ({ engine }: Machine): Step => ({
  title: 'no machine stands in the swarm twice',
  async look() {
    const names = predecessors(await listNodes(engine)).map(({ name }) => name)
    return names.length === 0 ? undefined : `${names.join(', ')} does`
  },
  async change() {
    for (const { id } of predecessors(await listNodes(engine))) await engine.getNode(id).remove({ force: true })
  },
})
