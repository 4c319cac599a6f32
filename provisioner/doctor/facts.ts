import type { Settings, StorageChoice } from '../cluster/settings.ts'
import type { Membership } from '../cluster/swarm.ts'
import type { Told } from '../host/told.ts'
import type { StackView } from '../stack/swarm.ts'
import type { CertificateState, PairName } from '../status/certificate.ts'
import type { StorageState } from '../storage/storage.ts'

/** What a machine is found to be, before anything is made of it. Each part may be unknown. */
export interface Facts {
  readonly machine: string
  readonly isRoot: boolean
  readonly engine: Told<EngineFacts>
  /** Of the first machine. */
  readonly settings: Settings | undefined
  /** Of any machine of a cluster; undefined where there is no cluster yet. */
  readonly storage: StorageFacts | undefined
  readonly listeners: Told<readonly Listener[]>
  readonly reached: Told<readonly Reached[]>
  readonly clock: Told<ClockFacts>
  readonly network: Told<NetworkFacts>
  readonly kernel: KernelFacts
  readonly disks: Told<readonly Disk[]>
  /** Of a manager. */
  readonly stack: Told<StackView> | undefined
  readonly certificates: Told<Partial<Record<PairName, CertificateState>>>
  /** On the first machine: names of secrets that are not there. */
  readonly missingSecrets: readonly string[]
}

export interface EngineFacts {
  readonly version: string
  readonly api: string
  readonly membership: Membership
}

export interface StorageFacts {
  readonly choice: StorageChoice
  readonly state: Told<StorageState>
  /** Gluster's copy here would fill the system's disk. Undefined for other kinds. */
  readonly isOnRootDisk: Told<boolean> | undefined
}

export interface Listener {
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
  /** Undefined where only root may know. */
  readonly program: string | undefined
}

/** A connection to another machine that was tried. */
export interface Reached {
  readonly to: string
  readonly port: number
  /** Who should answer there. */
  readonly what: string
  /** Undefined where somebody did. */
  readonly why: string | undefined
}

export interface ClockFacts {
  /** This machine follows a time server; undefined where nobody can say. */
  readonly isSynchronized: boolean | undefined
  /** By how many seconds the others' clocks are before the manager's, at least. */
  readonly skews: readonly { readonly node: string; readonly seconds: number }[]
}

export interface NetworkFacts {
  /** The one that has the address by which others know this machine. */
  readonly device: string
  readonly mtu: number
  readonly overlays: readonly { readonly name: string; readonly mtu: number }[]
}

/** Undefined where nobody can say. */
export interface KernelFacts {
  readonly vxlan: boolean | undefined
  readonly fuse: boolean | undefined
  readonly ipVs: boolean | undefined
}

export interface Disk {
  readonly place: string
  readonly size: number
  readonly free: number
  /** Share of the inodes that is free, 0 to 1. */
  readonly freeInodes: number
}
