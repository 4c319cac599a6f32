import type { Machine } from '../cluster/machine.ts'
import type { Step } from '../cluster/settle.ts'

/** A machine of the cluster, as storage sees it. */
export interface StorageNode {
  /** Its host name, by which people are told of it. */
  readonly name: string
  readonly address: string
}

/** Where storage is set up. */
export interface Host extends Machine {
  /** Before the path of each of its own files, of the volume none: tests have a folder for them. */
  readonly root?: string
}

export type Health = 'well' | 'degraded' | 'down'

/** What `pyli status` and `pyli doctor` tell of it. */
export interface StorageState {
  readonly health: Health
  /** One line each, the most important first: peers, bricks, what waits to be healed, quorum. */
  readonly lines: readonly string[]
}

/**
 * Where notebooks lie, so that every machine sees the same. Three kinds: gluster (replicated), nfs (a server of the
 * operator's), local (one machine). Each mounts itself at MOUNT, and notebooks are in a folder *below* it that exists only
 * inside the volume: what is not mounted can never be written beside.
 */
export interface Storage {
  readonly kind: 'gluster' | 'nfs' | 'local'
  /** Debian's packages that each machine needs. */
  readonly packages: readonly string[]
  /** On each machine, before the others are known: services, the place of a brick. */
  prepare(): readonly Step[]
  /** On the first machine, once all have joined: peers, the volume, its options. */
  create(nodes: readonly StorageNode[]): readonly Step[]
  /** On each machine: mounted, now and after a restart, and writable. The caller says how long they are waited for. */
  mount(): readonly Step[]
  /** Never hangs: a volume that does not answer is `down`. */
  look(): Promise<StorageState>
  /** On each machine: no longer mounted here, and what of the notebooks is to be deleted. */
  remove(options: { readonly erase: Erase }): readonly Step[]
}

/**
 * `here`: this machine's copy, once no other machine uses it. `everywhere`: the volume of all machines, and the copy here.
 * What lies on a server of NFS is never deleted.
 */
export type Erase = 'nothing' | 'here' | 'everywhere'

/**
 * What containers bind (rslave), so that a volume that is mounted anew reaches those that run. Nothing but the mount may be
 * in it: a brick or a folder of notebooks beside it would be theirs to write.
 */
const MOUNTS = '/srv/pyli/mounts'
export const MOUNT = `${MOUNTS}/volume`
/** What is made in a volume. */
export const OURS = ['notebooks', '.cluster'] as const
export const NOTEBOOKS = `${MOUNT}/${OURS[0]}`
/**
 * For root alone: what machines tell each other, as certificates for the registry, and that they are ready. No container
 * sees more of it than its name.
 */
export const CLUSTER = `${MOUNT}/${OURS[1]}`
