import type { Config } from '../config/config.ts'
import { Connections } from './connections.ts'
import { HeldBodies } from './held-bodies.ts'
import { HostList } from './host-list.ts'
import { LoginAttempts, type LoginNews } from './login-attempts.ts'
import { MemoryPressure, memoryUses, type ProcessMemory } from './memory-pressure.ts'
import { TokenBuckets } from './token-bucket.ts'
import { Trust } from './trust.ts'

/** Everything that is decided at the door, once. */
export interface Limits {
  readonly trust: Trust
  readonly hosts: HostList
  readonly connections: Connections
  readonly logins: LoginAttempts
  /** Of ids that nobody knows, by clients of whom nobody knows who they are. */
  readonly searches: TokenBuckets
  readonly memory: MemoryPressure
  readonly bodies: HeldBodies
  /** Of this process. */
  readonly exchangesPerBackend: number
}

export interface LimitsOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  /** How many processes share the limits. */
  readonly processes: number
  /** What this process says of its memory; absent: it is not looked at. */
  readonly memory?: (() => ProcessMemory) | undefined
  readonly tellLogin: (news: LoginNews) => void
}

/** A page of JupyterLab asks for some dozens of kernels and sessions at most, one after the other. */
const searches = { burst: 50, perSecond: 20 }

export function createLimits(config: Config, { now, processes, memory, tellLogin }: LimitsOptions): Limits {
  const trust = new Trust(config.trust)
  const logins = new LoginAttempts({ limit: config.loginAttempts, now, tell: tellLogin })
  logins.know(config.token, config.formerToken) // the former one: of pages that were opened with it
  return {
    trust,
    logins,
    hosts: new HostList(config.allowHosts),
    connections: new Connections({
      all: config.connections,
      perClient: config.connectionsPerClient,
      // Behind a proxy stand many clients. With PROXY protocol it says which, and they are counted.
      isShared: (address) => config.proxyProtocol === 'off' && trust.has(address),
      processes,
    }),
    searches: new TokenBuckets({ ...searches, now }),
    memory: new MemoryPressure(() => (memory ? memoryUses(memory(), processes) : [])),
    bodies: new HeldBodies(),
    exchangesPerBackend: Math.ceil(config.exchangesPerBackend / processes),
  }
}
