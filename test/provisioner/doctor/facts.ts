import { readSettings } from '../../../provisioner/cluster/settings.ts'
import type { Facts, Listener } from '../../../provisioner/doctor/facts.ts'
import { well as stack } from '../stack/answers.ts'

const listener = (protocol: 'tcp' | 'udp', port: number, program: string): Listener => ({ protocol, port, program })

/** The first machine of three, where all is well. */
export const well = (given: Partial<Facts> = {}): Facts => ({
  machine: 'n1',
  isRoot: true,
  engine: { value: { version: '26.1.5', api: '1.45', membership: 'manager' } },
  settings: readSettings({}),
  storage: {
    choice: readSettings({}).storage,
    state: { value: { health: 'well', lines: ['mounted: yes'] } },
    isOnRootDisk: { value: false },
  },
  listeners: {
    value: [
      listener('tcp', 2377, 'dockerd'),
      listener('tcp', 7946, 'dockerd'),
      listener('udp', 7946, 'dockerd'),
      listener('tcp', 24007, 'glusterd'),
      listener('tcp', 443, 'docker-proxy'),
      listener('tcp', 80, 'docker-proxy'),
      listener('tcp', 5000, 'docker-proxy'),
      listener('tcp', 22, 'sshd'),
    ],
  },
  reached: { value: [{ to: '10.0.0.2', port: 7946, what: 'the swarm’s machines', why: undefined }] },
  clock: { value: { isSynchronized: true, skews: [{ node: 'n2', seconds: 0.1 }] } },
  network: { value: { device: 'eth0', mtu: 1500, overlays: [{ name: 'pyli_notebooks', mtu: 1450 }] } },
  kernel: { vxlan: true, fuse: true, ipVs: true },
  disks: { value: [{ place: '/', size: 100 * 1024 ** 3, free: 50 * 1024 ** 3, freeInodes: 0.9 }] },
  stack: { value: stack() },
  certificates: { value: { gateway: { names: ['n1'], ends: '2027-12-29T00:00:00.000Z', daysLeft: 397 } } },
  missingSecrets: [],
  ...given,
})

/** A machine that is to become one of a cluster. */
export const fresh = (given: Partial<Facts> = {}): Facts =>
  well({
    engine: { unknown: 'ENOENT' },
    settings: undefined,
    storage: undefined,
    listeners: { value: [listener('tcp', 22, 'sshd')] },
    reached: { value: [] },
    network: { unknown: 'this machine is in no swarm' },
    stack: undefined,
    certificates: { value: {} },
    ...given,
  })
