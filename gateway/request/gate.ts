import type { FileCache } from '../cache/file-cache.ts'
import type { Config } from '../config/config.ts'
import type { Cluster } from '../jupyter/cluster.ts'
import type { Duplicate } from '../jupyter/lists.ts'
import type { Limits } from '../limits/limits.ts'
import type { Log } from '../observe/log.ts'
import type { Backend } from '../pool/backend.ts'
import type { BackendClient, BackendFailure } from '../upstream/client.ts'
import type { Pins } from './pins.ts'
import type { SessionSockets } from './session-sockets.ts'
import type { Tunnels } from './tunnels.ts'
import type { Waiting } from './waiting.ts'

/** What every exchange has at hand. Made once, by gateway.ts. */
export interface Gate {
  /** What holds now: see config/reread.ts. */
  readonly config: Config
  readonly cluster: Cluster
  readonly limits: Limits
  readonly pins: Pins
  readonly tunnels: Tunnels
  readonly sessionSockets: SessionSockets
  readonly waiting: Waiting
  /** Absent where none are kept. */
  readonly files?: FileCache | undefined
  readonly log: Log
  readonly clientOf: (backend: Backend) => BackendClient
  /** Told of every failed exchange, for passive health. */
  readonly onFailure: (backend: Backend, failure: BackendFailure) => void
  /** Told each time that a list has one id twice. */
  readonly onDuplicate: (duplicate: Duplicate) => void
  readonly sleep: (milliseconds: number) => Promise<void>
}
