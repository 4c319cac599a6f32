import type { ClusterNode } from '../cluster/nodes.ts'
import type { StorageChoice } from '../cluster/settings.ts'
import { innermost } from '../host/engine-answers.ts'
import type { Told } from '../host/told.ts'
import type { BackendView } from '../stack/gateway-admin.ts'
import { isRunning, isServing, lastFailed, since, tasksOf } from '../stack/serving.ts'
import { plainName, type StackView, type TaskView, wantedTasks } from '../stack/swarm.ts'
import type { StorageState } from '../storage/storage.ts'
import type { CertificateState } from './certificate.ts'

/** How a cluster is, as this machine sees it. What `pyli status --json` prints. */
export interface Status {
  readonly machine: string
  /** Of pyli itself. */
  readonly version: string
  readonly nodes: Told<readonly NodeStatus[]>
  readonly storage: Told<StorageStatus>
  readonly services: Told<readonly ServiceStatus[]>
  readonly backends: Told<readonly BackendStatus[]>
  readonly certificates: Told<CertificatesStatus>
}

export interface NodeStatus {
  readonly name: string
  readonly address: string
  readonly role: 'manager' | 'worker'
  readonly state: 'ready' | 'down'
  /** Swarm starts nothing there, and has ended what ran. */
  readonly isDrained: boolean
  readonly engine: string
  readonly labels: readonly string[]
}

export interface StorageStatus extends StorageState {
  readonly kind: StorageChoice['kind']
}

export interface ServiceStatus {
  readonly name: string
  /** By digest, so that two clusters, or an update and what it replaced, can be told apart. */
  readonly image: string
  readonly running: number
  readonly wanted: number
  /** Swarm's word for an update: updating, paused, rollback_completed. */
  readonly update?: string
  /** Of the task that failed last, while some are missing. */
  readonly problem?: string
  readonly tasks: readonly TaskStatus[]
}

export interface TaskStatus {
  readonly node: string
  readonly state: string
  readonly error?: string
}

export interface BackendStatus {
  readonly address: string
  /** Undefined where no task of ours has that address any more. */
  readonly node?: string
  readonly state: string
  readonly reason: string
  readonly kernels: BackendView['kernels']
}

export interface CertificatesStatus {
  readonly gateway?: CertificateState
  readonly ca?: CertificateState
}

export const nodeStatus = ({
  name,
  address,
  isManager,
  isReady,
  isActive,
  engine,
  labels,
}: ClusterNode): NodeStatus => ({
  name,
  address,
  role: isManager ? 'manager' : 'worker',
  state: isReady ? 'ready' : 'down',
  isDrained: !isActive,
  engine,
  labels: Object.entries(labels).map(([label, value]) => (value === 'true' ? label : `${label}=${value}`)),
})

/** Of each service, its tasks that run or shall run. A draining one runs and shall not. */
export function serviceStatuses(view: StackView): ServiceStatus[] {
  const nameOf = (id: string | undefined): string => view.nodes.find((node) => node.id === id)?.name ?? 'no node'
  return view.services.map((service) => {
    const tasks = tasksOf(service, view)
    const update = service.UpdateStatus?.State
    const running = tasks.filter(isServing).length
    const wanted = wantedTasks(service, view.nodes)
    const failed = running < wanted ? lastFailed(service, view, since(service)) : undefined
    return {
      name: plainName(service),
      image: service.Spec.TaskTemplate.ContainerSpec?.Image ?? '',
      running,
      wanted,
      ...(failed === undefined ? {} : { problem: `${nameOf(failed.NodeID)}: ${innermost(failed.Status.Err ?? '')}` }),
      ...(update === undefined || update === 'completed' ? {} : { update }),
      tasks: tasks
        .filter((task) => isRunning(task) || task.DesiredState === 'running')
        .map((task) => taskStatus(task, nameOf(task.NodeID)))
        .sort((a, b) => a.node.localeCompare(b.node, 'en', { numeric: true })),
    }
  })
}

function taskStatus(task: TaskView, node: string): TaskStatus {
  const { Status } = task
  const isLeaving = isRunning(task) && !isServing(task)
  return { node, state: isLeaving ? 'ending' : Status.State, ...(Status.Err ? { error: Status.Err } : {}) }
}

/** The gateway knows addresses; the swarm, which task has which. */
export function backendStatuses(backends: readonly BackendView[], view: StackView | undefined): BackendStatus[] {
  const nodeAt = (host: string): string | undefined => {
    const task = view?.tasks.find(({ NetworksAttachments }) =>
      NetworksAttachments?.some(({ Addresses }) => Addresses?.some((address) => address.split('/')[0] === host)),
    )
    return view?.nodes.find(({ id }) => id === task?.NodeID)?.name
  }
  return backends.map(({ address, state, reason = '', kernels }) => {
    const node = nodeAt(address.replace(/:\d+$/, ''))
    return { address, ...(node === undefined ? {} : { node }), state, reason, kernels }
  })
}
