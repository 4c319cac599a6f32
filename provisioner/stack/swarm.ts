import type Docker from 'dockerode'
import type { NetworkInspectInfo } from 'dockerode'
import { type ClusterNode, listNodes } from '../cluster/nodes.ts'

/** What the engine tells of a stack, as far as it is looked at. Names are the engine's own. */
export interface StackView {
  readonly services: readonly ServiceView[]
  readonly tasks: readonly TaskView[]
  readonly nodes: readonly ClusterNode[]
}

export interface ServiceView {
  readonly ID: string
  readonly Spec: {
    readonly Name: string
    readonly Labels?: Readonly<Record<string, string>>
    readonly Mode: { readonly Replicated?: { readonly Replicas?: number }; readonly Global?: object }
    readonly TaskTemplate: {
      readonly ContainerSpec?: { readonly Image?: string }
      readonly Placement?: { readonly Constraints?: readonly string[] | null; readonly MaxReplicas?: number }
    }
  }
  readonly CreatedAt: string
  readonly UpdateStatus?: { readonly State?: string; readonly Message?: string; readonly StartedAt?: string }
}

export interface TaskView {
  readonly ID: string
  readonly ServiceID: string
  readonly NodeID?: string
  readonly DesiredState: string
  /** By a manager's clock; its Status has the time by its node's. */
  readonly UpdatedAt?: string
  readonly Status: { readonly Timestamp: string; readonly State: string; readonly Err?: string }
  readonly NetworksAttachments?: readonly NetworkAttachment[] | null
}

export interface NetworkAttachment {
  readonly Network: { readonly Spec: { readonly Name: string } }
  /** With their prefix: 10.0.1.5/24. */
  readonly Addresses?: readonly string[] | null
}

export const STACK = 'pyli'
/** What the engine is asked for, of services, tasks and networks: those of the stack. */
const filters = { label: [`com.docker.stack.namespace=${STACK}`] }

export const listNetworks = (engine: Docker): Promise<NetworkInspectInfo[]> => engine.listNetworks({ filters })

export async function viewStack(engine: Docker): Promise<StackView> {
  const [services, tasks, nodes] = await Promise.all([
    engine.listServices({ filters }),
    engine.listTasks({ filters: JSON.stringify(filters) }),
    listNodes(engine),
  ])
  return { services, tasks, nodes } as unknown as StackView
}

/** As stack.yml calls it. */
export const plainName = ({ Spec }: ServiceView): string => Spec.Name.slice(STACK.length + 1)

/** How many tasks can run now: a replica for which there is no node waits for one, and nobody else can help that. */
export function wantedTasks({ Spec }: ServiceView, nodes: readonly ClusterNode[]): number {
  const { Constraints, MaxReplicas } = Spec.TaskTemplate.Placement ?? {}
  const places = nodes.filter(
    (node) => node.isReady && node.isActive && (Constraints ?? []).every((constraint) => meets(node, constraint)),
  ).length
  if (!Spec.Mode.Replicated) return places
  const most = MaxReplicas ? MaxReplicas * places : places > 0 ? Number.POSITIVE_INFINITY : 0
  return Math.min(Spec.Mode.Replicated.Replicas ?? 1, most)
}

/** Of the kinds that our stack uses; what is of another kind is met by every node of ours. */
function meets({ labels, isManager }: ClusterNode, constraint: string): boolean {
  const [, key = '', operator, value] = /^\s*(\S+?)\s*(==|!=)\s*(.*?)\s*$/.exec(constraint) ?? []
  const known: Record<string, string> = { 'node.role': isManager ? 'manager' : 'worker' }
  const actual = key.startsWith('node.labels.') ? (labels[key.slice('node.labels.'.length)] ?? '') : known[key]
  return actual === undefined || (actual === value) === (operator === '==')
}
