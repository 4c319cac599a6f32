import type { ClusterNode } from '../../../provisioner/cluster/nodes.ts'
import type { ServiceView, StackView, TaskView } from '../../../provisioner/stack/swarm.ts'

// What an engine (26.1) answered of a stack, cut down to what is read of it.

export const node = (name: string, given: Partial<ClusterNode> = {}): ClusterNode => ({
  id: `id-${name}`,
  name,
  address: '10.0.0.1',
  isManager: false,
  isReady: true,
  isActive: true,
  engine: '26.1.5+dfsg1',
  labels: { 'pyli.jupyter': 'true' },
  ...given,
})

export const manager = (name: string, given: Partial<ClusterNode> = {}): ClusterNode =>
  node(name, { isManager: true, labels: { 'pyli.gateway': 'true', 'pyli.first': 'true' }, ...given })

export const jupyter = (replicas: number, given: Partial<ServiceView> = {}): ServiceView => ({
  ID: 'svc-jupyter',
  CreatedAt: '2026-11-27T08:00:00Z',
  Spec: {
    Name: 'pyli_jupyter',
    Labels: { 'com.docker.stack.namespace': 'pyli', 'pyli.deployed': 'abc' },
    Mode: { Replicated: { Replicas: replicas } },
    TaskTemplate: { Placement: { Constraints: ['node.labels.pyli.jupyter == true'], MaxReplicas: 2 } },
  },
  ...given,
})

export const gateway: ServiceView = {
  ID: 'svc-gateway',
  CreatedAt: '2026-11-27T08:00:00Z',
  Spec: {
    Name: 'pyli_gateway',
    Labels: { 'com.docker.stack.namespace': 'pyli', 'pyli.deployed': 'abc' },
    Mode: { Global: {} },
    TaskTemplate: { Placement: { Constraints: ['node.labels.pyli.gateway == true'] } },
  },
}

let count = 0
export const task = (service: string, on: string, given: Partial<TaskView> = {}): TaskView => {
  count += 1
  return {
    ID: `task-${count}`,
    ServiceID: `svc-${service}`,
    NodeID: `id-${on}`,
    DesiredState: 'running',
    Status: { Timestamp: '2026-11-27T10:00:00.000000000Z', State: 'running' },
    NetworksAttachments: [
      { Network: { Spec: { Name: 'pyli_notebooks' } }, Addresses: [`10.0.1.${count}/24`] },
      { Network: { Spec: { Name: 'pyli_egress' } }, Addresses: [`10.0.2.${count}/24`] },
    ],
    ...given,
  }
}

/** One manager and two workers, all of it running. */
export const well = (): StackView => ({
  services: [jupyter(4), gateway],
  nodes: [manager('n1'), node('n2'), node('n3')],
  tasks: [
    ...['n2', 'n2', 'n3', 'n3'].map((name) => task('jupyter', name)),
    task('gateway', 'n1'),
    // An earlier one, which ended well.
    task('jupyter', 'n2', {
      DesiredState: 'shutdown',
      Status: { Timestamp: '2026-11-27T09:00:00Z', State: 'shutdown' },
    }),
  ],
})
